"""Virtual time: the same code, the same seed, the same run, through crashes and faults."""

from entrepot.simulation.doubles.call import Answer, Call, Refusal
from entrepot.simulation.doubles.fault_points import FaultPoint, FaultPoints
from entrepot.simulation.doubles.routes import ANY_ROUTE, UNMETERED, limits_of, route
from entrepot.simulation.doubles.sellers import Seller, Sellers
from entrepot.simulation.doubles.shop import ANY_WRITE, ShopDouble
from entrepot.simulation.doubles.shop_faults import SHOP_FAULTS, ShopFault
from entrepot.simulation.doubles.throttle import Bucket
from entrepot.simulation.errors import Crashed, Deadlock, Livelock, SimulationError, ThreadsBanned
from entrepot.simulation.markets.habits import MANIFOLD
from entrepot.simulation.markets.happened import BUYER, CHANNEL, MERCHANT, CustomerReturn
from entrepot.simulation.markets.market import Market
from entrepot.simulation.markets.paging import CursorError, Found, PageFault
from entrepot.simulation.markets.prices import price, rate_of
from entrepot.simulation.markets.releases import PREORDER
from entrepot.simulation.markets.shelf import SoldOut
from entrepot.simulation.network.faults import (
    FaultPlan,
    NetworkFault,
    NoFaults,
    RequestLine,
    ScriptedFaults,
    SeededFaults,
)
from entrepot.simulation.network.transport import Server, SimTransport
from entrepot.simulation.seeds import EPOCH, SeededIds, VirtualClock, stream
from entrepot.simulation.virtual_time.executor import SimExecutor
from entrepot.simulation.virtual_time.loop import VirtualLoop
from entrepot.simulation.virtual_time.run import run
from entrepot.simulation.worlds.crash import Poison, PoisonedClock, PoisonedRng, PoisonedTransport, Process

__all__ = [
    "ANY_ROUTE",
    "ANY_WRITE",
    "BUYER",
    "CHANNEL",
    "EPOCH",
    "MANIFOLD",
    "MERCHANT",
    "PREORDER",
    "SHOP_FAULTS",
    "UNMETERED",
    "Answer",
    "Bucket",
    "Call",
    "Crashed",
    "CursorError",
    "CustomerReturn",
    "Deadlock",
    "FaultPlan",
    "FaultPoint",
    "FaultPoints",
    "Found",
    "Livelock",
    "Market",
    "NetworkFault",
    "NoFaults",
    "PageFault",
    "Poison",
    "PoisonedClock",
    "PoisonedRng",
    "PoisonedTransport",
    "Process",
    "Refusal",
    "RequestLine",
    "ScriptedFaults",
    "SeededFaults",
    "SeededIds",
    "Seller",
    "Sellers",
    "Server",
    "ShopDouble",
    "ShopFault",
    "SimExecutor",
    "SimTransport",
    "SimulationError",
    "SoldOut",
    "ThreadsBanned",
    "VirtualClock",
    "VirtualLoop",
    "limits_of",
    "price",
    "rate_of",
    "route",
    "run",
    "stream",
]
