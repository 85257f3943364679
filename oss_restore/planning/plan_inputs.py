"""What a plan depends on beside the run and its objects."""

from __future__ import annotations

from dataclasses import dataclass

from oss_restore.planning.forecast import model, prices
from oss_restore.planning.forecast.model import Deployment, Forecast
from oss_restore.planning.forecast.prices import Bill, Currency, Prices
from oss_restore.planning.forecast.workload import Quotas, Workload
from thaw.run_input import RunInput


@dataclass(frozen=True)
class Terms:
    """By what time and money are told.

    Attributes:
        quotas: of the account.
        deployment: what its environment sets.
        prices: of the cloud.
    """

    quotas: Quotas
    deployment: Deployment
    prices: Prices
    currency: Currency = "CNY"

    def forecast(self, workload: Workload, run: RunInput) -> Forecast:
        """What a run takes."""
        return model.forecast(workload, run, quotas=self.quotas, deployment=self.deployment)

    def bill(self, forecast: Forecast) -> Bill:
        """What that costs."""
        return prices.bill(forecast.usage, self.prices, self.currency)
