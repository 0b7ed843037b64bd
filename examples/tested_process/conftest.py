"""What all tests of this folder share."""

from collections.abc import Callable

import pytest

import bridge
from bridge.models import ProcessInstance


@pytest.fixture
def order(camunda_client: bridge.Client) -> Callable[[float], ProcessInstance]:
    """Starts an order of so much."""
    camunda_client.deploy_resource("approval.bpmn")
    return lambda total: camunda_client.create_process_instance("approval", variables={"total": total})
