"""Virtual time: the same code, the same seed, the same run, through crashes and faults."""

from entrepot.simulation.call import Call, Refusal
from entrepot.simulation.crash import Poison, PoisonedClock, PoisonedRng, PoisonedTransport, Process
from entrepot.simulation.errors import Crashed, Deadlock, Livelock, SimulationError, ThreadsBanned
from entrepot.simulation.executor import SimExecutor
from entrepot.simulation.fault_points import FaultPoint, FaultPoints
from entrepot.simulation.faults import FaultPlan, NetworkFault, NoFaults, RequestLine, ScriptedFaults, SeededFaults
from entrepot.simulation.habits import MANIFOLD
from entrepot.simulation.happened import BUYER, CHANNEL, MERCHANT, CustomerReturn
from entrepot.simulation.loop import VirtualLoop
from entrepot.simulation.market import Market, SoldOut
from entrepot.simulation.paging import CursorError, Found, PageFault
from entrepot.simulation.prices import price
from entrepot.simulation.releases import PREORDER
from entrepot.simulation.routes import UNMETERED, limits_of, route
from entrepot.simulation.run import run
from entrepot.simulation.seeds import EPOCH, SeededIds, VirtualClock, stream
from entrepot.simulation.sellers import Seller, Sellers
from entrepot.simulation.shop import ANY_ROUTE, ANY_WRITE, Answer, ShopDouble
from entrepot.simulation.shop_faults import SHOP_FAULTS, ShopFault
from entrepot.simulation.throttle import Bucket
from entrepot.simulation.transport import Server, SimTransport

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
    "route",
    "run",
    "stream",
]
