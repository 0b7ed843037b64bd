"""The resources of the suites."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.gateways.models import filename, model, names, placeholders, unique


def test_a_model_is_filled_with_the_given_values() -> None:
    text = model("order", process="p-1", charge="c-1", ship="s-1").decode()
    assert ElementTree.fromstring(text).find(".//{*}process[@id='p-1']") is not None
    assert filename("order") == "order.bpmn"


@pytest.mark.parametrize("name", names())
def test_no_placeholder_is_left(name: str) -> None:
    filled = model(name, **{placeholder: unique(placeholder) for placeholder in placeholders(name)})
    assert not re.search(rb"\$\w", filled)


def test_a_missing_and_a_misspelt_value_are_named() -> None:
    with pytest.raises(TypeError, match="takes charge, process, ship; given process, chrage"):
        model("order", process="p-1", chrage="c-1")


def test_an_unknown_model_lists_the_known() -> None:
    with pytest.raises(LookupError, match=r"no model 'ordr'; there are .*order\.bpmn"):
        model("ordr")


def test_unique_ids_differ_and_may_be_xml_ids() -> None:
    one, two = unique("order"), unique("order")
    assert one != two
    assert re.fullmatch(r"order-[0-9a-f]+", one)
