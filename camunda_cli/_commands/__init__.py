"""The commands: a small module each, registered in ``camunda_cli._registry``."""
