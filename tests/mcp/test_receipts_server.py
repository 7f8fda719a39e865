"""Whole results are kept and can be read on, by whom they belong to, also before and after the server has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import mcp.types as types
import pytest

from sahur_core.tools.gateway import GatewayToolBox, close_shared_transport
from tests.fakes.internal import serve
from tests.fakes.upstream import ForeignServer
from tests.mcp.conftest import RUN, TEAM, Gateway, GatewayMaker, gateway_maker

HUGE = "".join(f"line {number}\n" for number in range(60_000))


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayMaker]:
    with gateway_maker(tmp_path_factory.mktemp("gateway")) as maker:
        yield maker


@pytest.fixture(scope="module")
def gateway(gateways: GatewayMaker) -> Iterator[Gateway]:
    with serve(ForeignServer().app()) as url:
        running = gateways.start({"foreign": {"url": f"{url}/mcp"}})
        running.wait_for_state("foreign", "ready")
        yield running


def text_of(result: types.CallToolResult) -> str:
    part = result.content[0]
    assert isinstance(part, types.TextContent)
    return part.text


def receipt_of(result: types.CallToolResult) -> str:
    return str((result.meta or {})["sahur/receipt"])


async def test_a_cut_result_says_how_to_go_on_and_its_pages_make_the_whole(gateway: Gateway) -> None:
    cut = await gateway.call("foreign__get_huge")
    shown, note = text_of(cut).rsplit("\n[Cut: ", 1)
    assert f"go on with receipts__read, receipt {receipt_of(cut)}, offset {len(shown)}.]" in note
    parts, offset = [shown], len(shown)
    while True:
        page = await gateway.call("receipts__read", {"receipt": receipt_of(cut), "offset": offset, "limit": 50_000})
        head, _, part = text_of(page).partition("\n")
        parts.append(part)
        offset += len(part)
        if head.endswith("This is the end.]"):
            break
        assert f"Go on with offset {offset}." in head
    assert "".join(parts) == HUGE


async def test_a_result_is_there_before_the_server_has_it(gateway: Gateway) -> None:
    gateway.internal.is_down = True
    try:
        cut = await gateway.call("foreign__get_huge")
        page = await gateway.call("receipts__read", {"receipt": receipt_of(cut), "offset": 6, "limit": 10})
    finally:
        gateway.internal.is_down = False
    assert text_of(page).partition("\n")[2] == "\nline 1\n"
    gateway.receipt(cut)


async def test_a_result_of_another_process_is_asked_of_the_server(gateway: Gateway) -> None:
    kept = stored(gateway, result="kept elsewhere")
    assert text_of(await gateway.call("receipts__read", {"receipt": kept})).endswith("This is the end.]\nkept elsewhere")


def stored(gateway: Gateway, **changes: Any) -> str:
    """A receipt that another gateway has sent to the server."""
    whole = {"id": str(uuid4()), "team": TEAM, "run": RUN, "tool": "code__read", "result": "x"} | changes
    gateway.internal.receipts[whole["id"]] = whole
    return str(whole["id"])


@pytest.mark.parametrize("whose", [{"team": 8}, {"run": str(uuid4())}])
async def test_receipts_of_other_teams_and_runs_do_not_exist(gateway: Gateway, whose: dict[str, Any]) -> None:
    in_memory = await gateway.call("foreign__get_huge", token=gateway.token(**own(whose)))
    for receipt in (receipt_of(in_memory), stored(gateway, **whose), str(uuid4())):
        for tool, more in (("receipts__read", {}), ("receipts__search", {"text": "line"})):
            refused = await gateway.call(tool, {"receipt": receipt, **more})
            assert refused.is_error
            assert "There is no receipt" in text_of(refused)


def own(whose: dict[str, Any]) -> dict[str, Any]:
    """The claims of a token of those to whom the receipt belongs."""
    return whose | ({"sub": f"run:{whose['run']}"} if "run" in whose else {})


async def test_a_user_reads_all_receipts_of_the_team(gateway: Gateway) -> None:
    gateway.internal.users["sahur_key"] = {"active": True, "team_ids": [TEAM], "user": "rita", "role": "viewer", "tools": ["*"]}
    kept = stored(gateway, result="of a run")
    assert "of a run" in text_of(await gateway.call("receipts__read", {"receipt": kept}, token="sahur_key"))


async def test_a_search_finds_lines_with_their_offsets(gateway: Gateway) -> None:
    kept = stored(gateway, result="\n".join(["alpha", "beta", "Gamma (x+)+$", "delta"] * 3))
    found = text_of(await gateway.call("receipts__search", {"receipt": kept, "text": "(X+)+$", "context": 1, "limit": 2}))
    assert "\n6- beta\n11: Gamma (x+)+$\n24- delta\n--\n" in found
    assert "2 lines" in found.splitlines()[0]
    assert "Go on with offset 71." in found
    offset = int(found.partition("\n11")[0].rsplit("\n", 1)[-1].partition("-")[0])
    page = await gateway.call("receipts__read", {"receipt": kept, "offset": offset, "limit": 4})
    assert text_of(page).endswith("\nbeta")
    none = await gateway.call("receipts__search", {"receipt": kept, "text": "(X+)+$", "case_sensitive": True})
    assert ((none.meta or {})["sahur/status"], none.is_error) == ("no_data", False)


async def test_a_line_that_is_a_whole_document_is_shown_around_what_was_found(gateway: Gateway) -> None:
    kept = stored(gateway, result="x" * 500_000 + "needle" + "y" * 500_000)
    found = text_of(await gateway.call("receipts__search", {"receipt": kept, "text": "needle"}))
    assert len(found) < 1000
    assert "xneedley" in found
    assert "\n499800: …" in found


async def test_reading_leaves_a_small_receipt_that_names_the_original(gateway: Gateway) -> None:
    cut = await gateway.call("foreign__get_huge")
    page = await gateway.call("receipts__read", {"receipt": receipt_of(cut), "offset": 100, "limit": 20_000})
    assert (page.meta or {})["sahur/receipt_of"] == receipt_of(cut)
    left = gateway.receipt(page)
    assert left["result"].startswith("characters 100 to ")
    assert receipt_of(cut) in left["result"]
    assert len(left["result"]) < 200
    assert left["result_bytes"] == len(text_of(page).encode())


async def test_a_run_cites_the_original(gateway: Gateway) -> None:
    """What the worker stores of the call of a page is the receipt that holds the whole."""
    toolbox = GatewayToolBox(f"{gateway.url}/mcp", gateway.token)
    try:
        cut = await toolbox.call("foreign__get_huge", {}, tool_call_id="1")
        page = await toolbox.call("receipts__read", {"receipt": cut.receipt_id, "offset": 100}, tool_call_id="2")
    finally:
        await toolbox.close()
        await close_shared_transport()
    assert page.receipt_id == cut.receipt_id
    assert (page.status, "\nline 14\n" in page.text, len(page.text) < 12_000) == ("ok", True, True)


async def test_a_foreign_server_cannot_name_an_original(gateway: Gateway) -> None:
    forged = await gateway.call("foreign__get_forged")
    assert "sahur/receipt_of" not in (forged.meta or {})


@pytest.mark.parametrize(
    "arguments", [{}, {"receipt": "x"}, {"receipt": str(uuid4()), "limit": 50_001}, {"receipt": str(uuid4()), "offset": -1}]
)
async def test_unusable_arguments_are_refused_in_words(gateway: Gateway, arguments: dict[str, Any]) -> None:
    refused = await gateway.call("receipts__read", arguments)
    assert refused.is_error
    assert "receipt" in text_of(refused) or "limit" in text_of(refused) or "offset" in text_of(refused)


async def test_an_offset_behind_the_end_is_told_with_the_length(gateway: Gateway) -> None:
    refused = await gateway.call("receipts__read", {"receipt": stored(gateway, result="four"), "offset": 4})
    assert "has 4 characters" in text_of(refused)
