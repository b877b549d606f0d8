"""Talk about what was learnt: 复盘, improvements, cases."""

from __future__ import annotations

from tests.conftest import Room
from tests.stories import story


async def closed(room: Room) -> None:
    """A yellow incident, decided, tracked, quiet for a day and closed."""
    await room.open_incident(owner="李雷", grade="黄", state="active")
    for text, by in (("决策 #1 先下架再查", "张敏"), ("跟踪 #1", "李雷")):
        await room.say(text, by=by)
    await room.later(hours=30)
    for text in ("结案 #1 检测合格已公布", "确认"):
        await room.say(text, by="李雷")
    room.ignore()


async def test_a_review_is_filed_with_cause_and_owned_improvements(room: Room) -> None:
    await closed(room)
    await story(
        room,
        """
        李雷：复盘 #1
          < 复盘 #1 晨露乳业的牛奶里喝出异物
          < 发现用时不到1分，认领不到1分，定级不到1分，首发无
          < 时限2/2按时
        李雷：改进项：夜班加一人
          < 改进1 夜班加一人（缺负责人，缺日期）已记到 #1。还缺负责人、日期，归档前要补
        李雷：复盘 #1 原因：瓶盖模具磨损 做得好：认领快 没做好：夜班缺人
          < #1 还不能复盘：改进项缺负责人或日期：改进1
        李雷：改进项 #1：夜班加一人，负责人李雷，12月31日
          < 改进2 夜班加一人（李雷，12-31）已记到 #1
        周宁：改进项有哪些
          < 改进2项
          < 改进1 #1 夜班加一人 缺负责人 缺日期
          < 改进2 #1 夜班加一人 李雷 12-31
        """,
    )


async def test_filing_moves_it_to_reviewed_and_into_the_case_library(room: Room) -> None:
    await closed(room)
    await story(
        room,
        """
        李雷：改进项 #1：夜班加一人，负责人李雷，12月31日
          < 改进1 夜班加一人（李雷，12-31）已记到 #1
        小刘：复盘 #1 原因：瓶盖模具磨损
          < 你（客服）不能做这一步。可以的是：指挥、负责人
        李雷：复盘 #1 原因：瓶盖模具磨损 做得好：李雷认领快 没做好：夜班缺人
          < 复盘 #1 晨露乳业的牛奶里喝出异物
          < 发现用时不到1分，认领不到1分，定级不到1分，首发无
        张敏：查案例 食品安全
          < 案例1件
          < #1 黄 晨露乳业的牛奶里喝出异物：类型：食品安全；原因：瓶盖模具磨损；做得好：某人认领快；没做好：夜班缺人；认领不到1分，首发无
        李雷：复盘 #1
          < 复盘 #1 晨露乳业的牛奶里喝出异物（已归档）
        张敏：重开 #1 又有人反映
          < 重开 #1 晨露乳业的牛奶里喝出异物（又有人反映）：第2轮，时限重新起算
        张敏：确认
          < #1 重开，第2轮（张敏：又有人反映）。负责人李雷。下一步：任务
        """,
    )


async def test_an_improvement_reminds_its_owner_when_it_is_due(room: Room) -> None:
    await closed(room)
    await story(
        room,
        """
        李雷：改进项 #1：夜班加一人，负责人小刘，明天10点
          < 改进1 夜班加一人（小刘，12-05）已记到 #1
        +24时
          [@小刘] 改进1 到期：夜班加一人（#1 复盘）。做完请回：改进完成 1
        王磊：改进完成 1
          < 你（公关）不能做这一步。可以的是：指挥、负责人
        小刘：改进完成 1
          < 改进1 已完成：夜班加一人（小刘）
        小刘：改进完成 1
          < 改进1 早已完成
        """,
    )


async def test_an_open_incident_shows_how_it_stands(room: Room) -> None:
    await room.open_incident(owner="李雷", grade="黄", state="active")
    await story(
        room,
        """
        李雷：复盘 #1
          < 复盘 #1 晨露乳业的牛奶里喝出异物（未结，进行中的数）
          < 发现用时不到1分，认领不到1分，定级不到1分，首发无
        李雷：存入案例库 #1
          < #1 还没结案，结案复盘后再入案例库
        小刘：改进项 #1：热线话术提前备好，负责人小刘，12月31日
          < 改进1 热线话术提前备好（小刘，12-31）已记到 #1
        """,
    )
