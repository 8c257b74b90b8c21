"""Asks a warehouse for its newest stocktaking, page by page.

It answers GET /counts?page=1 with {"stocktaking": "2026-11-24", "counted_at": "2026-11-24T06:00:00+01:00",
"lines": [{"article": "TEA", "units": 64}], "next": "2"}; `next` is null on the last page.
"""

import os
from datetime import datetime, timedelta

import httpx

from entrepot import channel, hookimpl


@hookimpl
def register_stock_sources() -> list[channel.StockSource]:
    return [channel.StockSource("main", fetch_counts, period=timedelta(minutes=10))]


async def fetch_counts(request: channel.FetchCounts) -> channel.CountPage:
    """WAREHOUSE_URL and WAREHOUSE_TOKEN are environment variables."""
    headers = {"Authorization": f"Bearer {os.environ['WAREHOUSE_TOKEN']}"}
    async with httpx.AsyncClient(base_url=os.environ["WAREHOUSE_URL"], headers=headers, timeout=15) as client:
        answer = await client.get("/counts", params={"page": request.cursor or "1"})
    told = answer.raise_for_status().json()
    counted_at = datetime.fromisoformat(told["counted_at"])
    return channel.CountPage(
        delivery=told["stocktaking"],
        counts=[channel.StockCount(line["article"], line["units"], counted_at) for line in told["lines"]],
        next_cursor=told["next"],
    )
