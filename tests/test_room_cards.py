"""Cards that were sent follow their incident; what people say of texts is trained with."""

from __future__ import annotations

import csv
from typing import Any

from bot.batch import with_labels
from bot.deliver import Delivery
from bot.model.message import Parcel, Receipt
from bot.store import outbox
from tests.conftest import Room
from tests.stories import story


def card_of(room: Room) -> Any:
    """The newest alert card in the room as it is now."""
    (row,) = [r for r in outbox.newest_alerts(room.db, 1) if r.room]
    return row.post.card


async def test_the_alert_card_follows_whatever_is_typed(room: Room) -> None:
    await room.open_incident()
    assert [b.text for b in card_of(room).buttons] == ["认领", "误报", "静音"]
    await room.say("认领 #1", by="李雷")
    assert [b.text for b in card_of(room).buttons] == ["研判", "转交", "定蓝", "看依据"]
    assert "李雷 09:48 认领（不到1分）｜研判中" in card_of(room).must
    await room.say("定级 #1 黄 扩散快", by="张敏")
    assert (card_of(room).confirmed, card_of(room).grade.label) == (True, "黄")
    assert [b.text for b in card_of(room).buttons] == ["启动", "看依据"]
    await room.say("启动 #1", by="张敏")
    assert "处置中" in card_of(room).must[0]
    room.ignore()


class Painter:
    """A platform that can paint a sent card anew."""

    name = "local"

    def __init__(self) -> None:
        self.painted: list[Parcel] = []

    async def start(self, ear: Any) -> None: ...

    async def stop(self) -> None: ...

    def ways(self, target: Any) -> tuple[str, ...]:
        return ("page",)

    def budget(self, way: str, target: Any) -> str:
        return ""

    async def send(self, parcel: Parcel, way: str) -> Receipt:
        return Receipt(way)

    async def repaint(self, parcel: Parcel) -> bool:
        self.painted.append(parcel)
        return True

    def problems(self) -> tuple[str, ...]:
        return ()


async def test_a_sent_card_is_painted_anew_where_the_platform_can(room: Room) -> None:
    await room.open_incident()
    painter = Painter()
    delivery = Delivery(room.store, room.house, {"local": painter}, room.clock)
    await delivery.start()
    await room.say("认领 #1", by="李雷")
    while await room.store.read(outbox.to_repaint):
        await delivery.idle()
    await delivery.stop()

    assert [b.text for b in painter.painted[-1].post.card.buttons] == ["研判", "转交", "定蓝", "看依据"]  # type: ignore[union-attr]
    assert len(painter.painted) == 1


async def test_labels_from_the_room_are_rows_to_train_with(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        小刘：不是负面 #1
          < 记下了
        王磊「路人甲：你们家客服真差劲」：是负面
          < 记下了
        小刘：是负面 #1
          < 记下了
        """,
    )
    with with_labels([room.store.path]) as (file,):
        rows = list(csv.reader(file.read_text("utf-8").splitlines()))
    assert rows[0] == ["label", "text"]
    assert sorted(label for label, _ in rows[1:]) == ["negative", "negative"]
