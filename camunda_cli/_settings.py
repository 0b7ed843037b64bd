"""Where settings become a client: the shared options of the command line, the environment, files and profiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from camunda_cli._output import Output
from camunda_core.config import Environment, Settings, environment
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    import bridge

__all__ = ["Session"]


@dataclass
class Session:
    """One command line: its options of the connection, and where it writes. ``ctx.obj`` of every command."""

    output: Output = field(default_factory=Output)
    options: dict[str, Any] = field(default_factory=dict)
    arguments_given: tuple[str, ...] = ()

    def option(self, name: str) -> Any:
        """What was given for a shared option; None where nothing was."""
        return self.options.get(name)

    @property
    def verbose(self) -> bool:
        """Whether faults are shown with their traceback."""
        return bool(self.option("verbose"))

    def environment(self) -> Environment:
        """The variables of the process and of the files that were asked for."""
        return environment(
            env_file=self.option("env_file"),
            config_file=self.option("config"),
            profile=self.option("profile"),
        )

    def arguments(self) -> dict[str, Any]:
        """The arguments of a client that were given on the command line."""
        names = {
            "rest": "rest_address",
            "grpc": "grpc_address",
            "transport": "transport",
            "routes": "routes",
            "timeout": "timeout",
            "cluster_version": "cluster_version",
        }
        given = {name: self.option(option) for option, name in names.items()}
        return {name: value for name, value in given.items() if value is not None}

    def settings(self) -> Settings:
        """What a client would work with. Raises ConfigurationError."""
        arguments = {name: value for name, value in self.arguments().items() if name != "routes"}
        return Settings.from_env(self.environment(), **arguments)

    def addresses(self) -> tuple[str | None, str | None]:
        """(REST, gRPC): those of the command line, or else those of the environment; never one of each.

        Raises ConfigurationError where there is none.
        """
        settings = self.settings()
        given = self.option("rest"), self.option("grpc")
        addresses = given if any(given) else (settings.rest_address, settings.grpc_address)
        if not any(addresses):
            raise ConfigurationError(
                "no address: give --rest http://localhost:8080 or --grpc localhost:26500, or set "
                "CAMUNDA_REST_ADDRESS or CAMUNDA_GRPC_ADDRESS, or choose a --profile"
            )
        return addresses

    @property
    def tenant(self) -> str | None:
        """The tenant that was asked for; None leaves it to the environment and the cluster."""
        value: str | None = self.option("tenant")
        return value

    @contextmanager
    def client(self, **more: Any) -> Iterator[bridge.Client]:
        """A client, closed at the end. ``more`` wins over what was given."""
        import bridge  # which most helps need not load

        rest, grpc = self.addresses()
        arguments = {**self.arguments(), "rest_address": rest, "grpc_address": grpc, **more}
        with bridge.Client(env=self.environment(), **arguments) as client:
            yield client
