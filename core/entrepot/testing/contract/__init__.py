"""What every connector must prove, in virtual time, without a network and without credentials."""

from entrepot.testing.contract.bulk import BulkContract
from entrepot.testing.contract.failures import FailuresContract
from entrepot.testing.contract.mapping import MappingContract
from entrepot.testing.contract.paging import PagingContract
from entrepot.testing.contract.passes import PassesContract
from entrepot.testing.contract.required import RequiredContract
from entrepot.testing.contract.stock import StockContract


class ConnectorContract(
    FailuresContract, BulkContract, StockContract, PassesContract, PagingContract, MappingContract, RequiredContract
):  # pytest runs the last one's cases first: what fails there makes others fail
    """Subclass it in a test module and name the channel, its shop and the settings of an account.

        class TestAcme(ConnectorContract):
            channel, shop = ACME, AcmeShop
            settings = {"url": "https://acme.example", "token": "not-a-secret"}

    A channel whose accounts must say where they sell needs `marketplaces` as well, as in plugins.toml.
    Tests of capabilities that the channel does not declare are left out.
    """


__all__ = ["ConnectorContract"]
