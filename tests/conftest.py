from tests.gateways.plugin import (  # noqa: F401
    fresh_gateway,
    gateway,
    gateway_name,
    make_gateway,
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_generate_tests,
    pytest_runtest_call,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
