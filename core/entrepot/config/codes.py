"""Every code of a fault or warning about plugins.toml. Codes are stable; the text here is the documentation's."""

NOT_IN_PLACE = "E107"
"""A secret that is missing stops only what needs it, where it is all that is wrong."""

CODES = {
    "E101": "The file cannot be read.",
    "E102": "The file is not TOML.",
    "E103": "A key is unknown where it stands.",
    "E104": "A required key is missing.",
    "E105": "A value has the wrong type or is not allowed.",
    "E106": "No enabled plugin brings this channel.",
    "E107": "A secret's environment variable or file is missing or empty.",
    "E108": "`time_scale` is for simulators: a real channel's limits and clocks do not run faster.",
    "E109": "The catalog cannot be read, or a line of it cannot be used.",
    "E110": "A secret is written out. Only a simulator's may be.",
    "E111": '`simulator` is the loopback address of an account with `environment = "simulator"`.',
    "E112": "With this `time_scale` an operation spends more at once than can be used of a limit's burst.",
    "E113": "An account is to use a simulator, and its channel has none.",
    "E114": "A connector refuses its settings, for example a URL that names no server.",
    "E115": "The file of an account's offers is not there.",
    "E116": "A name stands for nothing: an account, article, group or credentials that are not there, or not used.",
    "E117": "An alert goes by mail, and no mail server is named.",
    "E118": "A password would travel in the clear.",
    "E119": "A rule is for one store, and an offer has one number in all of them.",
    "E120": "Two accounts of one seller sell from one stock pool.",
    "E121": "A key of the vault is not 32 bytes in base64, or names of keys are not as they should be.",
    "E122": "A secret is to be kept, and no key is named.",
    "W101": "Orders are to be fresher than the channel's limits allow.",
    "W102": "The metrics can be read from other machines.",
}
