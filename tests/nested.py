"""What every run of pytest that a test starts as a process of its own leaves out."""

#: Plugins that came with other libraries. A run that uses none of them still imports all that is behind them, which takes six
#: times as long as the run itself.
FEW_PLUGINS = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio")
