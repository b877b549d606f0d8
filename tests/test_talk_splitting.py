"""Two matters that were read as one are taken apart by a word, for what came and for what is still to come."""

from __future__ import annotations

from sqlite_utils import Database

from bot.store import counting, incidents, mentions
from tests.conftest import Room
from tests.stories import story

CART = "晨露乳业的冷链车撞倒路人，多人受伤送医，警方已到场"


async def mixed(room: Room) -> int:
    """Three complaints and, laid on the same incident by hand, a road accident."""
    number = await room.open_incident(owner="李雷")
    await room.hear_of({"text": CART, "source": "微博"}, {"text": CART + "，路口封了", "source": "抖音", "author": "路人甲"})
    room.ignore()
    await room.store.run(_as_if_read_as_one, number)
    return number


def _as_if_read_as_one(db: Database, number: int) -> None:
    keep = mentions.strands_of(db, number)[0]
    for table in ("mentions", "claims"):
        db.conn.execute(f"UPDATE {table} SET strand = ? WHERE strand IS NOT NULL", (keep,))
    db.conn.execute("DELETE FROM tallies WHERE strand <> ?", (keep,))
    db.conn.execute("UPDATE strands SET matter = (SELECT max(matter) FROM strands) WHERE id = ?", (keep,))
    db.conn.execute("DELETE FROM strands WHERE id <> ?", (keep,))


def told(room: Room, number: int) -> list[str]:
    marks = mentions.strands_of(room.db, number)
    return [row["text"] for row in mentions.examples(room.db, marks, 50)]


async def test_a_matter_that_was_mixed_in_gets_an_incident_of_its_own(room: Room) -> None:
    number = await mixed(room)
    await story(
        room,
        f"""
        李雷：拆分 #{number} 冷链车
          < 从 #{number}
          < 拆出提到「冷链车」的
        """,
    )
    said = await room.say("确认", by="李雷")
    room.ignore()

    assert said.startswith(f"#{number} 拆出提到「冷链车」的")
    assert "另立 #" in said
    other = max(i.id for i in incidents.listed(room.db) if mentions.strands_of(room.db, i.id))
    assert other != number
    assert all("冷链车" in text for text in told(room, other))
    assert not any("冷链车" in text for text in told(room, number))
    counts = [counting.count(room.db, mentions.strands_of(room.db, n), room.clock()) for n in (number, other)]
    assert [c.mentions + c.copies for c in counts] == [len(told(room, n)) for n in (number, other)]
    assert all(weight >= 0 for c in counts for weight, _ in c.weights)

    await room.hear_of({"text": "又看到晨露冷链车撞倒路人那个路口的视频，多人受伤送医", "source": "微博"})
    room.ignore()
    assert not any("冷链车" in text for text in told(room, number))


async def test_what_cannot_be_split_says_why_and_changes_nothing(room: Room) -> None:
    await room.open_incident(owner="李雷")
    await story(
        room,
        """
        李雷：拆分 #1 火箭
          < 没有一条提到「火箭」，没有拆
        李雷：拆分 #1 晨露
          < 每一条都提到「晨露」，没有拆
        李雷：拆分 #1
          < 按哪个词拆？如：拆分 #1
        李雷：拆分 #9 冷链车
          < 没有 #9
        苏琴：拆分 #1 异物
          < 不能
        李雷：拆分 #1 异物了吗？
        """,
    )
