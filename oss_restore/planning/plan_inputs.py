"""What a plan depends on besides the run and its objects."""

from __future__ import annotations

from dataclasses import dataclass

from oss_restore.planning.forecast import model, prices
from oss_restore.planning.forecast.model import DeploymentSettings, Forecast
from oss_restore.planning.forecast.prices import Bill, Currency, Prices
from oss_restore.planning.forecast.workload import Quotas, Workload
from thaw.run_input import RunInput


@dataclass(frozen=True)
class Terms:
    """The terms of a forecast of time and cost.

    Attributes:
        quotas: of the account.
        deployment: what its environment sets.
        prices: of the cloud.
    """

    quotas: Quotas
    deployment: DeploymentSettings
    prices: Prices
    currency: Currency = "CNY"

    def forecast(self, workload: Workload, run: RunInput) -> Forecast:
        """Forecast a run."""
        return model.forecast(workload, run, quotas=self.quotas, deployment=self.deployment)

    def bill(self, forecast: Forecast) -> Bill:
        """Bill a forecast."""
        return prices.bill(forecast.usage, self.prices, self.currency)
