"""Trouble with credentials that several accounts share: told apart from an account's own, and nothing is lost."""

from entrepot.model import AccountId, ProblemKind
from entrepot.sync.applications import forget_applications
from tests.sync.sellers import expired, with_sellers

NAMES = ("anna", "bert", "carl", "dora", "emil")


def test_a_wave_of_refused_tokens_parks_nobody_and_ends_by_itself(tmp_path):
    """Covers R22, P8: as when every seller's token was called expired for 25 minutes."""

    async def story(sellers):
        healthy = {name: shop.authorize for name, shop in sellers.shops.items()}
        for shop in sellers.shops.values():
            shop.authorize = expired
        numbers = [sellers.place(name, place) for place, name in enumerate(NAMES)]
        for _ in range(25):
            await sellers.wait(minutes=1)
            assert [row for row in (await sellers.accounts()).values() if row.parked_since] == []
        assert await sellers.kinds() == [ProblemKind.AUTH_WAVE]
        for name, shop in sellers.shops.items():
            shop.authorize = healthy[name]
        await sellers.wait(minutes=30)
        assert set(await sellers.stored()) == set(numbers)
        assert await sellers.kinds() == []
        assert await sellers.kinds(closed_too=True) == [ProblemKind.AUTH_WAVE]

    with_sellers(tmp_path, story, *NAMES)


def test_few_calls_are_made_while_a_wave_lasts(tmp_path):
    """Covers R22: one call at a time tries whether it is over, after one minute to five."""

    async def story(sellers):
        tried = []

        def refuse(call):
            tried.append(sellers.world.clock.now())
            expired(call)

        for shop in sellers.shops.values():
            shop.authorize = refuse
        await sellers.wait(minutes=40)
        before = len(tried)
        await sellers.wait(hours=2)
        calls = (len(tried) - before) / 2  # each is repeated once with a renewed token
        assert 10 <= calls <= 2 * 60 / 5 + 2

    with_sellers(tmp_path, story, *NAMES)


def test_one_account_that_is_refused_alone_parks(tmp_path):
    """Covers R22, P11: the others go on, and its parking is told as its own trouble."""

    async def story(sellers):
        sellers.shops[AccountId("bert")].authorize = expired
        number = sellers.place("anna", 1)
        await sellers.wait(minutes=45)
        rows = await sellers.accounts()
        assert [name for name, row in rows.items() if row.parked_since] == ["bert"]
        assert await sellers.kinds() == [ProblemKind.ACCOUNT_PARKED]
        assert set(await sellers.stored()) == {number}

    with_sellers(tmp_path, story, *NAMES)


def test_a_consent_that_is_taken_back_is_the_accounts_own_trouble_at_once(tmp_path):
    """Covers R22, P11: whatever happens to the others."""

    async def story(sellers):
        sellers.shops[AccountId("carl")].revoke()
        await sellers.wait(minutes=90)  # the access token lives for an hour
        rows = await sellers.accounts()
        assert [name for name, row in rows.items() if row.parked_since] == ["carl"]
        [problem] = await sellers.problems()
        assert problem.kind is ProblemKind.ACCOUNT_PARKED
        assert "authorize the application again" in problem.message

    with_sellers(tmp_path, story, *NAMES)


def test_a_refused_application_is_one_problem_and_stops_all_its_accounts(tmp_path):
    """Covers R22: a secret that was not rotated in time is not a thousand revoked consents."""

    async def story(sellers):
        for shop in sellers.shops.values():
            shop.application.take_secrets("another")
        await sellers.wait(minutes=90)
        assert [row for row in (await sellers.accounts()).values() if row.parked_since] == []
        assert await sellers.kinds() == [ProblemKind.APPLICATION_REFUSED]
        [problem] = await sellers.problems()
        assert (problem.kind, problem.account) == (ProblemKind.APPLICATION_REFUSED, None)
        assert problem.subject == "application/amazon_sp/simulator/client-1"
        numbers = {sellers.place(name, place) for place, name in enumerate(NAMES)}
        for shop in sellers.shops.values():
            shop.application.take_secrets("the client secret")
        await sellers.wait(minutes=40)
        assert await sellers.kinds() == []
        assert set(await sellers.stored()) == numbers

    with_sellers(tmp_path, story, *NAMES)


def test_a_wave_outlives_the_daemon(tmp_path):
    """Covers R22, P10: what rests is in the store."""

    async def story(sellers):
        healthy = {name: shop.authorize for name, shop in sellers.shops.items()}
        for shop in sellers.shops.values():
            shop.authorize = expired
        await sellers.wait(minutes=20)
        await sellers.restart()
        await sellers.wait(minutes=10)
        assert await sellers.kinds() == [ProblemKind.AUTH_WAVE]
        assert [row for row in (await sellers.accounts()).values() if row.parked_since] == []
        number = sellers.place("anna", 1)
        for name, shop in sellers.shops.items():
            shop.authorize = healthy[name]
        await sellers.wait(minutes=30)
        assert await sellers.kinds() == []
        assert set(await sellers.stored()) == {number}

    with_sellers(tmp_path, story, *NAMES)


def test_an_application_that_nobody_uses_any_more_has_no_trouble(tmp_path):
    """Covers P8: its secret was not renewed, another application was taken in its place."""

    async def story(sellers):
        for shop in sellers.shops.values():
            shop.application.take_secrets("another")
        await sellers.wait(minutes=70)
        assert ProblemKind.APPLICATION_REFUSED in await sellers.kinds()
        now = sellers.world.clock.now()
        await sellers.read(lambda tx: forget_applications(tx, {"amazon_sp/simulator/client-2"}, now))
        assert ProblemKind.APPLICATION_REFUSED not in await sellers.kinds()

    with_sellers(tmp_path, story, *NAMES)
