"""Who may enter the local room."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession, CookieJar
from local_world import opened

from bot.platforms.local.gate import is_loopback

TOKEN = "a-token-for-tests"
LOCKED = {"open": False, "token": TOKEN}


async def status_of(url: str, method: str = "GET", **options) -> int:
    async with ClientSession() as session, session.request(method, url, **options) as response:
        await response.read()
        return response.status


async def test_the_room_is_off_where_anybody_could_reach_it(tmp_path):
    async with opened(tmp_path, open=False) as world:
        for path in ("/", "/page/app.js", "/api/rooms", "/api/messages?room=危机室", "/api/events"):
            assert await status_of(world.url + path) == 404
        assert await status_of(f"{world.url}/api/messages", "POST", json={}) == 404


async def test_with_a_token_the_page_asks_for_it(tmp_path):
    async with opened(tmp_path, **LOCKED) as world, ClientSession() as session:
        async with session.get(f"{world.url}/") as response:
            assert response.status == 401
            assert "口令" in await response.text()
        assert await status_of(f"{world.url}/api/rooms") == 401
        assert await status_of(f"{world.url}/api/rooms", headers={"Authorization": "Bearer wrong"}) == 401
        assert await status_of(f"{world.url}/api/rooms", headers={"Authorization": f"Bearer {TOKEN}"}) == 200


async def test_the_token_once_leaves_a_cookie_that_is_not_the_token(tmp_path):
    async with opened(tmp_path, **LOCKED) as world, ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.post(f"{world.url}/api/login", json={"token": "wrong"}) as response:
            assert response.status == 403
        async with session.post(f"{world.url}/api/login", json={"token": TOKEN}) as response:
            cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        async with session.get(f"{world.url}/") as response:
            assert response.status == 200
        async with session.post(
            f"{world.url}/api/messages", json={"room": "危机室", "sender": "李雷", "text": "在"}
        ) as response:
            assert response.status == 200


async def test_a_foreign_name_that_resolves_to_us_is_refused(tmp_path):
    async with opened(tmp_path) as world:
        assert await status_of(f"{world.url}/api/rooms", headers={"Host": "evil.example"}) == 403
        assert await status_of(f"{world.url}/api/rooms", headers={"Host": "localhost:8765"}) == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://["}],
)
async def test_another_site_cannot_speak_here(tmp_path, headers):
    async with opened(tmp_path) as world:
        body = {"room": "危机室", "sender": "李雷", "text": "认领 12"}
        assert await status_of(f"{world.url}/api/messages", "POST", json=body, headers=headers) == 403
        assert world.ear.taken == []
        own = {"Origin": world.url, "Sec-Fetch-Site": "same-origin"}
        assert await status_of(f"{world.url}/api/messages", "POST", json=body, headers=own) == 200


async def test_the_page_may_run_only_our_own_scripts(tmp_path):
    async with opened(tmp_path) as world, ClientSession() as session:
        async with session.get(f"{world.url}/") as response:
            policy = response.headers["Content-Security-Policy"]
            page = await response.text()
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in page.replace("http-equiv", "")
        for name in ("app.js", "style.css", "mark.svg"):
            assert await status_of(f"{world.url}/page/{name}") == 200
        for name in ("nothing.js", "..%2Fapi.py", "__init__.py"):
            assert await status_of(f"{world.url}/page/{name}") == 404


@pytest.mark.parametrize(
    ("host", "ours"),
    [("127.0.0.1", True), ("::1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False), ("", False)],
)
def test_loopback_is_this_machine_only(host, ours):
    assert is_loopback(host) is ours
