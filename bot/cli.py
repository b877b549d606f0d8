"""The front door: arguments only. Heavy rooms are opened by the command that needs them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from bot import __version__
from bot.errors import ConfigError, WanglouError

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; 0 done, 1 failed, 2 wrong arguments or configuration."""
    args = _parser().parse_args(argv)
    try:
        done = int(args.run(args))
    except ConfigError as error:
        return _fail(error, 2)
    except WanglouError as error:
        return _fail(error, 1)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
    return done


def _fail(error: WanglouError, code: int) -> int:
    print(f"wanglou: {' '.join(str(error).split())}", file=sys.stderr)
    return code


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}。用法见 {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(prog="wanglou", description="望楼：危机群里不睡觉的那一位")
    parser.add_argument("--version", action="version", version=f"wanglou {__version__}")
    config = argparse.ArgumentParser(add_help=False)
    config.add_argument("-c", "--config", type=Path, help="配置文件（缺省 config.toml，其次 config.example.toml）")
    commands = parser.add_subparsers(metavar="命令", required=True)

    def add(
        name: str, text: str, run: Command, parents: Sequence[argparse.ArgumentParser] = (config,)
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=list(parents))
        command.set_defaults(run=run)
        return command

    run = add("run", "运行，直到收到 SIGTERM 或 Ctrl-C", _run)
    run.add_argument("--port", type=int, help="监听端口，覆盖 web.port")
    run.add_argument("--data", type=Path, help="数据目录，覆盖 bot.data_dir")
    check = add("check", "检查配置，一行一项", _check)
    check.add_argument("--online", action="store_true", help="并连一次每个平台和信源")
    check.add_argument(
        "--rules", type=Path, help="试规则：样文文件（一行一条）；或规则文件（.toml、frequency_words.txt），样文从标准输入读"
    )
    analyze = add("analyze", "读提及（JSON 行），一条输出一行", _analyze)
    analyze.add_argument("file", nargs="?", default="-")
    analyze.add_argument("--workers", type=int, default=1)
    analyze.add_argument("--progress", action="store_true")
    understand = add("understand", "读群里的话，一行输出一行意图", _understand)
    understand.add_argument("file", nargs="?", default="-")
    replay = add("replay", "在模拟时钟上把剧本走一遍，打印群里会收到的每条消息", _replay)
    replay.add_argument("file", help="剧本文件，或内置演练的名字")
    replay.add_argument("--speed", type=float, help="几倍速；不写则尽快")
    replay.add_argument("--start", help="起始时刻（ISO 8601）")
    replay.add_argument("--json", action="store_true", help="一条消息一行 JSON")
    train = add("train", "用标注文本（CSV：label,text）或群里收的「不是负面／是负面」（wanglou.db）训练情感模型", _train)
    train.add_argument("files", nargs="+", type=Path)
    train.add_argument("--out", type=Path, required=True)
    rules = add("import-rules", "把 TrendRadar 的 frequency_words.txt 转成 [[watch]]", _import_rules)
    rules.add_argument("file", type=Path)
    audit = add("audit", "记录的校验", _audit_verify)
    audit.add_argument("what", choices=["verify"])
    audit.add_argument("--head", default="", metavar="行:校验", help="每日摘要里公布的「记录校验」，核对它是否还在记录里")
    export = add("export", "导出一个事件的全部记录", _export)
    export.add_argument("incident", type=int, help="事件编号")
    export.add_argument("--out", type=Path, required=True, help="放到哪个目录")
    evidence = add("evidence", "离线核对一份导出的档案", _evidence_verify)
    evidence.add_argument("what", choices=["verify"])
    evidence.add_argument("file", type=Path)
    backup = add("backup", "运行中做一份一致的备份", _backup)
    backup.add_argument("--out", type=Path)
    restore = add("restore", "从备份恢复到空的数据目录", _restore)
    restore.add_argument("file", type=Path)
    restore.add_argument("--force", action="store_true", help="先把旧的数据库移开")
    return parser


def _run(args: argparse.Namespace) -> int:
    from bot.running import run

    return run(args.config, args.port, args.data)


def _check(args: argparse.Namespace) -> int:
    from bot.checking import check

    return check(args.config, online=args.online, rules=args.rules)


def _analyze(args: argparse.Namespace) -> int:
    from bot.app import analysis_settings
    from bot.batch import analyze
    from bot.config import load

    return analyze(analysis_settings(load(args.config)), args.file, workers=args.workers, progress=args.progress)


def _understand(args: argparse.Namespace) -> int:
    from bot.batch import understand
    from bot.config import furnish, load

    return understand(furnish(load(args.config)), args.file)


def _replay(args: argparse.Namespace) -> int:
    from bot.config import load
    from bot.replay import replay

    return replay(load(args.config), args.file, speed=args.speed, start=args.start, as_json=args.json)


def _train(args: argparse.Namespace) -> int:
    from bot.analysis.train import train
    from bot.batch import with_labels

    with with_labels(args.files) as files:
        print(train(files, args.out))
    return 0


def _import_rules(args: argparse.Namespace) -> int:
    from bot.batch import import_rules

    return import_rules(args.file)


def _audit_verify(args: argparse.Namespace) -> int:
    from bot.config import load
    from bot.keeping import audit_verify

    return audit_verify(load(args.config).data_dir, args.head)


def _export(args: argparse.Namespace) -> int:
    from bot.config import load
    from bot.exporting import export_now

    return export_now(load(args.config), args.incident, args.out)


def _evidence_verify(args: argparse.Namespace) -> int:
    from bot.exporting import verify

    return verify(args.file)


def _backup(args: argparse.Namespace) -> int:
    from bot.config import load
    from bot.keeping import backup

    return backup(load(args.config).data_dir, args.out)


def _restore(args: argparse.Namespace) -> int:
    from bot.config import load
    from bot.keeping import restore

    return restore(load(args.config).data_dir, args.file, force=args.force)
