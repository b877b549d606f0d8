"""The walking house: an alert comes out of mentions, and the room takes it from there."""

from __future__ import annotations

from tests.conftest import THREE_COMPLAINTS, Room


async def test_three_complaints_raise_one_alert_that_can_be_claimed(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    alert, on_call = room.expect(("危机室", "#1"), ("@李雷", "认领 #1"))

    assert alert.kind == "alert"
    assert alert.reason == "raised"
    assert (await room.say("认领 1", by="李雷")).startswith("#1 归李雷")
    assert on_call.reason == "on_call"


async def test_a_button_does_what_the_typed_verb_does(room: Room) -> None:
    await room.hear_of(*THREE_COMPLAINTS)
    alert, _ = room.ignore()

    answer = await room.press(alert, "claim", by="李雷")

    assert answer.posts[0].text.startswith("#1 归李雷")
    assert answer.repaint is not None
    assert "李雷" in answer.repaint.text
    assert room.incident().owner == "李雷"
