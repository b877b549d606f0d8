"""Whose word weighs how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.analysis.authority import Authorities, Standing, own_account
from bot.errors import ConfigError
from bot.model.mention import Tier

TABLE = Authorities.load()


def who(author: str = "", host: str = "", **more: object) -> Standing:
    return TABLE.standing(author=author, host=host, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("author", ["人民日报", "@央视新闻", "人民日报客户端", "新华社 官方微博", "市场监管总局", "cctv"])
def test_central_media_and_regulators_are_s_and_national(author: str) -> None:
    assert who(author).tier is Tier.S
    assert who(author).national


@pytest.mark.parametrize("author", ["临江市市场监管局", "临江公安局", "临江区人民法院", "临江消防"])
def test_local_authorities_are_s_and_local(author: str) -> None:
    assert who(author).tier is Tier.S
    assert who(author).scope == "local"


@pytest.mark.parametrize(
    ("host", "tier", "national"),
    [
        ("www.people.com.cn", Tier.S, True),
        ("liuyan.people.com.cn", Tier.C, False),
        ("scjgj.linjiang.gov.cn", Tier.S, False),
        ("www.samr.gov.cn", Tier.S, True),
        ("m.thepaper.cn:443", Tier.A, False),
        ("www.jfdaily.com", Tier.B, False),
        ("notpeople.com.cn.example.org", Tier.C, False),
        ("", Tier.C, False),
    ],
)
def test_a_site_is_known_by_its_domain(host: str, tier: Tier, national: bool) -> None:
    assert (who(host=host).tier, who(host=host).national) == (tier, national)


def test_a_news_site_may_be_named_as_the_platform() -> None:
    assert who("记者 小周", platform="澎湃新闻").tier is Tier.A


def test_a_paper_is_known_by_the_end_of_its_name_and_a_user_who_quotes_it_is_not() -> None:
    assert who("临江日报").tier is Tier.B
    assert who("爱看临江日报的猫").tier is Tier.C


def test_a_mark_does_not_hold_for_an_account_that_is_not_verified() -> None:
    assert who("临江公安局", verified=False).tier is Tier.C
    assert who("临江公安局", verified=True).tier is Tier.S


def test_a_verified_account_over_a_million_followers_is_b() -> None:
    assert who("某博主", followers=1_000_001, verified=True).tier is Tier.B
    assert who("某博主", followers=1_000_000, verified=True).tier is Tier.C
    assert who("某博主", followers=3_000_000, verified=False).tier is Tier.C


def test_many_followers_never_lower_a_listed_account() -> None:
    assert who("财新", followers=50_000_000).tier is Tier.A
    assert who("猎奇吃瓜爆料", followers=50_000_000).tier is Tier.D


def test_foreign_media_are_told() -> None:
    assert who("Reuters").foreign
    assert who(host="www.bbc.com").foreign
    assert not who("新京报").foreign


def test_the_tier_of_the_source_is_believed_and_the_region_makes_it_national() -> None:
    assert who("普通用户", tier=Tier.B).tier is Tier.B
    assert not who("临江发布", tier=Tier.S).national
    assert who("某监管", tier=Tier.S, region="全国").national
    assert who("人民日报", tier=Tier.S).national


def test_a_company_replaces_the_table(tmp_path: Path) -> None:
    own = tmp_path / "authority.toml"
    own.write_text('[[group]]\nname = "行业报"\ntier = "A"\nnames = ["乳业观察"]\n', "utf-8")

    assert Authorities.load(own).standing(author="乳业观察").tier is Tier.A
    assert Authorities.load(own).standing(author="人民日报").tier is Tier.C


def test_a_company_extends_the_table_and_its_own_groups_go_first(tmp_path: Path) -> None:
    own = tmp_path / "authority.toml"
    own.write_text('extends = true\n[[group]]\nname = "行业报"\ntier = "A"\nnames = ["乳业观察", "北京日报"]\n', "utf-8")

    table = Authorities.load(own)

    assert [table.standing(author=name).tier for name in ("乳业观察", "北京日报", "人民日报")] == [Tier.A, Tier.A, Tier.S]


@pytest.mark.parametrize("text", ['[[group]]\ntier = "X"\n', "[[group]]\n", "[[group"])
def test_a_broken_table_is_named(tmp_path: Path, text: str) -> None:
    own = tmp_path / "authority.toml"
    own.write_text(text, "utf-8")

    with pytest.raises(ConfigError, match=r"authority\.toml"):
        Authorities.load(own)


@pytest.mark.parametrize(
    "author", ["晨露乳业", "@晨露乳业", "晨露乳业官方旗舰店", "晨露客服", "晨露 集团", "晨露乳业股份有限公司", "MilkDew官微"]
)
def test_an_account_of_ours_goes_by_our_name_and_what_a_house_adds(author: str) -> None:
    assert own_account(author, ("晨露乳业", "晨露", "milkdew"))


@pytest.mark.parametrize(
    "author", ["晨露避雷", "晨露受害者联盟", "晨露乳业维权群", "爱晨露的小李", "反晨露", "晨露妈妈", "晨露离职员工", ""]
)
def test_an_account_that_merely_names_us_is_somebody_elses(author: str) -> None:
    assert not own_account(author, ("晨露乳业", "晨露", "milkdew"))
