//! What this week is like: the model bent by the events that are on. Rebuilt every week by the
//! shocks phase and edited nowhere else.

use super::ids::{AreaId, ChipId, Id, NetworkId, OperatorId, RegionId, SegmentId, Table};
use super::model::Model;
use super::world::{Column, Visitor};
use crate::scenario::types::ServiceKind;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// Demand ÷ its undisturbed level.
    pub demand_factor: Table<SegmentId, f64>,
    /// Share of an operator's capacity that is up, by operator × area.
    pub operator_up_share: Table<OperatorId, Table<AreaId, f64>>,
    /// Part of the week that its shortest outage lasts; 1 without one.
    pub outage_week_share: f64,
    /// Fuel price ÷ its undisturbed level.
    pub fuel_price_factor: Table<RegionId, f64>,
    /// Retail tariffs ÷ their level (an administered price rise).
    pub tariff_factor: Table<RegionId, f64>,
    /// Hydro inflow and cooling water ÷ normal.
    pub water_factor: Table<RegionId, f64>,
    /// Degrees Celsius above the season's normal.
    pub heat_c: Table<RegionId, f64>,
    /// False while no new load is connected.
    pub connection_open: Table<RegionId, bool>,
    /// Capacity ÷ normal of the three links of the chip chain.
    pub wafer_factor: f64,
    pub packaging_factor: f64,
    pub memory_factor: f64,
    /// Share of sales of a chip that may still reach a jurisdiction (1 = free), by chip, then
    /// jurisdiction.
    pub sale_share: Table<ChipId, Vec<f64>>,
    /// The same for renting it to buyers under that jurisdiction.
    pub rental_share: Table<ChipId, Vec<f64>>,
    /// Share of the still locked tokens that an event releases this week.
    pub unlock_share: Table<NetworkId, f64>,
    /// Common return of all tokens this week beyond their usual noise (crypto crash: −0.5).
    pub token_return: f64,
    /// Price of a service's central rival ÷ its level, by [`ServiceKind`].
    pub rival_price_factor: [f64; ServiceKind::ALL.len()],
    /// Operators' investment budgets ÷ their level (capital dries up: below 1).
    pub capital_factor: f64,
}

impl Conditions {
    /// A week without events.
    pub fn calm(model: &Model) -> Self {
        let names = &model.names;
        let laws = names.jurisdictions.len();
        Self {
            demand_factor: Table::filled(names.segments.len(), 1.0),
            operator_up_share: Table::filled(
                names.operators.len(),
                Table::filled(names.areas.len(), 1.0),
            ),
            outage_week_share: 1.0,
            fuel_price_factor: Table::filled(names.regions.len(), 1.0),
            tariff_factor: Table::filled(names.regions.len(), 1.0),
            water_factor: Table::filled(names.regions.len(), 1.0),
            heat_c: Table::filled(names.regions.len(), 0.0),
            connection_open: Table::filled(names.regions.len(), true),
            wafer_factor: 1.0,
            packaging_factor: 1.0,
            memory_factor: 1.0,
            sale_share: Table::filled(names.chips.len(), vec![1.0; laws]),
            rental_share: Table::filled(names.chips.len(), vec![1.0; laws]),
            unlock_share: Table::filled(names.networks.len(), 0.0),
            token_return: 0.0,
            rival_price_factor: [1.0; ServiceKind::ALL.len()],
            capital_factor: 1.0,
        }
    }

    /// Back to calm without allocating.
    pub fn reset(&mut self) {
        self.demand_factor.values_mut().fill(1.0);
        for share in self.operator_up_share.values_mut() {
            share.values_mut().fill(1.0);
        }
        self.outage_week_share = 1.0;
        self.fuel_price_factor.values_mut().fill(1.0);
        self.tariff_factor.values_mut().fill(1.0);
        self.water_factor.values_mut().fill(1.0);
        self.heat_c.values_mut().fill(0.0);
        self.connection_open.values_mut().fill(true);
        (self.wafer_factor, self.packaging_factor, self.memory_factor) = (1.0, 1.0, 1.0);
        for shares in self.sale_share.values_mut() {
            shares.fill(1.0);
        }
        for shares in self.rental_share.values_mut() {
            shares.fill(1.0);
        }
        self.unlock_share.values_mut().fill(0.0);
        (self.token_return, self.capital_factor) = (0.0, 1.0);
        self.rival_price_factor.fill(1.0);
    }

    pub fn visit(&mut self, visitor: &mut dyn Visitor) {
        visitor.column(
            "conditions.demand_factor",
            Column::F64(self.demand_factor.values_mut()),
        );
        visitor.column(
            "conditions.fuel_price_factor",
            Column::F64(self.fuel_price_factor.values_mut()),
        );
        visitor.column(
            "conditions.tariff_factor",
            Column::F64(self.tariff_factor.values_mut()),
        );
        visitor.column(
            "conditions.water_factor",
            Column::F64(self.water_factor.values_mut()),
        );
        visitor.column("conditions.heat_c", Column::F64(self.heat_c.values_mut()));
        visitor.column(
            "conditions.unlock_share",
            Column::F64(self.unlock_share.values_mut()),
        );
        let open = self.connection_open.values_mut();
        visitor.column("conditions.connection_open", Column::Flag(open));
        for shares in self.operator_up_share.values_mut() {
            let column = Column::F64(shares.values_mut());
            visitor.column("conditions.operator_up_share", column);
        }
        for shares in self.sale_share.values_mut() {
            visitor.column("conditions.sale_share", Column::F64(shares));
        }
        for shares in self.rental_share.values_mut() {
            visitor.column("conditions.rental_share", Column::F64(shares));
        }
        visitor.column(
            "conditions.rival_price_factor",
            Column::F64(&mut self.rival_price_factor),
        );
        for factor in [
            &mut self.outage_week_share,
            &mut self.wafer_factor,
            &mut self.packaging_factor,
            &mut self.memory_factor,
            &mut self.token_return,
            &mut self.capital_factor,
        ] {
            visitor.column(
                "conditions.factors",
                Column::F64(std::slice::from_mut(factor)),
            );
        }
    }

    /// Share of an operator's capacity that is up in an area.
    pub fn up_share(&self, operator: OperatorId, area: AreaId) -> f64 {
        self.operator_up_share[operator].values()[area.index()]
    }
}
