"""Every code of a fault in a plugin's packaging and hooks. Codes are stable; the text here is the documentation's.

A channel's declared facts have E3xx, a connector's operations E4xx: `entrepot.channel.bind` finds those.
"""

CODES = {
    "E201": "An enabled plugin is not installed.",
    "E202": "A plugin cannot be imported.",
    "E203": "A plugin implements no hook.",
    "E204": "The installed version of a plugin is not the wanted one.",
    "E205": "`register_channels` fails, or returns something else than ChannelTypes.",
    "E206": "A channel's id is brought twice.",
    "E207": "An observer is not `async def`, or a hook that runs at loading is.",
    "E208": "A plugin implements a hook that does not exist.",
    "E209": "An implementation does not take what its hook passes.",
    "E210": "Two distributions offer a plugin of the same name.",
    "E211": "One module is enabled under two names.",
    "E212": "An operation spends more at once than can be used of a limit's burst, so it would never be called.",
    "E213": "`register_stock_sources` fails, or returns something else than StockSources that can be asked.",
}
