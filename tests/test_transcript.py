"""The model transcript of a good crisis, line by line, in order (the lines about the statement itself have tests of their own)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.model.incident import State
from bot.store import incidents, journal, timers, work
from tests.conftest import START, Room
from tests.crowd import voices


@dataclass
class Transcript:
    """What was said, by whom and to whom, as people in the room and in private read it."""

    room: Room
    lines: list[str] = field(default_factory=list)

    async def at(self, clock: str, *, days: int = 0) -> None:
        """The clock moves on to a time of day in Beijing; what falls due on the way is said."""
        hour, minute = map(int, clock.split(":"))
        moment = START.replace(day=START.day + days, hour=hour - 8, minute=minute)
        await self.room.later(seconds=(moment - self.room.clock.now).total_seconds())
        self._note()

    async def say(self, by: str, text: str, *, private: bool = False) -> None:
        """Somebody types; the answer, and what others hear of it."""
        answer = await self.room.answer(text, by=by, room=f"@{by}" if private else None)
        self.lines += [f"(私·{by}) {p.text}" if private else p.text for p in answer.posts] or ["（无）"]
        self._note()

    async def press(self, by: str, text: str) -> None:
        """Somebody presses the newest button of that name that was put before them."""
        said, button = next(
            (s, b) for s in reversed(self.room.said) for b in (s.card.buttons if s.card else ()) if b.text == text
        )
        answer = await self.room.press(said, button.key, by=by)
        self.lines += [f"(私·{by}) {p.text}" for p in answer.posts]
        self._note()

    def _note(self) -> None:
        self.lines += [f"(私·{s.to[1:]}) {s.text}" if s.to.startswith("@") else s.text for s in self.room.ignore()]

    def reads(self, *parts: str) -> None:
        """These pieces stand in one message after the last one found, in order; the messages before it are used up."""
        for n, line in enumerate(self.lines):
            at = 0
            for part in parts:
                at = line.find(part, at)
                if at < 0:
                    break
            else:
                del self.lines[: n + 1]
                return
        raise AssertionError(f"nobody read {parts} in:\n" + "\n".join(self.lines))


async def heard_of(room: Room) -> Transcript:
    """Number 12 opens at 09:48."""

    def eleven(db: object) -> None:
        with journal.act(db, "open", at=START, by="望楼", incident=11) as it:  # type: ignore[arg-type]
            it.put(
                "incidents",
                11,
                title="旧事",
                state="closed",
                opened_at=START,
                round_at=START,
                resolution="resolved",
                reason="旧",
            )

    room.store.run_now(eleven)
    first = "我家宝宝喝了晨露奶粉（批次MA0423）之后全身起疹子，拍了照片"
    await room.hear_of({"text": first, "platform": "小红书", "tier": "C", "likes": 40})
    told = Transcript(room)
    told._note()
    return told


async def until_started(room: Room) -> Transcript:
    t = await heard_of(room)
    t.reads("🟡黄（建议） #12", "未成年人受害（未核实，按黄）", "请李雷 10:18 前认领", "认领 #12", "误报 #12")
    await t.at("09:50")
    await t.say("李雷", "认领")
    t.reads("#12 归李雷（2分）。T1 核实", "→ 林工 11:48。下一步：研判、转交")
    await t.at("10:03")
    await t.say("李雷", "「小刘：客服今早接到4个同批次来电，都是MA0423」 记")
    t.reads("F1 待核实（小刘）。已请林工核实")
    await t.at("10:21")
    await t.say("林工", "F1 核实了，来电录音在")
    t.reads("F1 已核实（林工，来源：来电录音）")
    await t.say("小刘", "大家先喝口水，我再去盯热线")
    t.reads("（无）")
    await t.at("10:47")
    await room.hear_of(*voices(150))
    t._note()
    t.reads("🟠橙（建议） #12", "升级", "3个平台", "请张敏 11:47 前确认级别", "定级 #12 橙", "为什么 #12")
    await t.at("10:51")
    await t.say("张敏", "定橙，先按机器研判，真伪未知")
    t.reads("#12 定橙（张敏）。首发或不发声决定、速报均 14:47 前。下一步：启动")
    t.reads("(私·陈总) 【领导简报】#12", "橙", "已阅")
    await t.say("张敏", "启动")
    t.reads("#12 已启动：", "封存留样 林工 12:00｜", "联系家属 小刘 11:30")
    return t


async def test_a_good_crisis_from_the_first_post_to_the_plan(room: Room) -> None:
    await until_started(room)
    incident = room.incident(12)
    assert (incident.state, incident.owner, incident.truth) == (State.ACTIVE, "李雷", "unknown")


async def test_a_good_crisis_the_regulator_calls(room: Room) -> None:
    t = await until_started(room)
    await t.at("11:17")
    await t.say("张敏", "市场监管局来电，问MA0423")
    t.reads("红线：监管来电（已在橙）。食安2小时拟从 11:17 起算", "非法律意见")
    await t.at("11:19")
    await t.say("何静", "起点改 10:21，来电那时已核实，林工可证")
    t.reads("食安2小时 12:21 到期（知悉 10:21，证人林工）。报告表已私发何静")
    await t.at("11:31")
    await t.say("林工", "核实了 就诊1例，情况稳定（来源：医院）")
    t.reads("F2 已核实（林工，来源：医院）")
    await t.at("12:09")
    await t.say("何静", "已报 食安 回执 2026-0415")
    t.reads("食安2小时：已报，提前12分，凭证已存")


async def test_a_good_crisis_from_the_leaders_decision_to_the_end(room: Room) -> None:
    t = await until_started(room)
    await t.say("林工", "核实了 就诊1例，情况稳定（来源：医院）")
    await t.say("何静", "已报 食安 回执 2026-0415")
    t.reads("食安2小时：已报")
    await t.at("13:30")
    await t.say("陈总", "今晚先行下架MA0423，不等检测", private=True)
    t.reads("J1 陈总：今晚先行下架MA0423", "（当时已知 F1 F2）")
    await t.at("13:31")
    await t.say("张敏", "任务 下架MA0423 @林工 18:00 阻断")
    task = max(i.id for i in work.tasks(room.db, incident=12))
    t.reads(f"T{task} 下架MA0423 林工 18:00，阻断。等林工接")
    await t.say("小刘", "找人把那几个帖子删了吧，花点钱也行")
    t.reads("不能做：付费删帖违法。可走平台投诉")

    await t.say("林工", f"接 T{task}", private=True)
    await t.at("16:00")
    await t.say("陈总", "决策 #12 不发声，等检测结果一次说清")
    t.reads("J2 陈总：不发声")
    await t.say("林工", f"T{task} 完成")
    t.reads(f"T{task} 完成：下架MA0423")
    await t.at("16:12", days=1)
    await t.say("李雷", "跟踪")
    t.reads("#12 跟踪中：热度", f"T{task} 完成。静默48小时", "新A级信源即叫醒")

    await t.at("16:20", days=3)
    await t.say("李雷", "结案 #12 检测合格已公布，家属认可")
    t.reads("#12", "要指挥确认，已私信陈总")
    t.reads("(私·陈总) 李雷提请：结案 #12", "静默48时，热度", "确认 李雷｜确认 退回 李雷")
    await t.say("李雷", "确认")
    t.reads("这一步要指挥确认，不能由提请的人自己确认")
    await t.press("陈总", "确认")
    t.reads("#12 已结案（陈总）。记录校验", "…｜复盘 3日内，李雷")
    assert not timers.clocks_of(room.db, 12)
    assert not incidents.get(room.db, 12).open
