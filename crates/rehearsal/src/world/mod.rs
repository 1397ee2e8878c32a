//! The simulation itself: state, happenings and what they cause. Pure: time is a parameter, chance comes from the seed.

mod arrivals;
mod books;
mod catalogue;
mod lifecycle;
mod outbox;
mod printing;
mod rng;
mod state;
mod table;
mod things;
mod time;

pub use outbox::{Outgoing, Provider};
pub use printing::{ItemRequest, PrintRefused};
pub use rng::Rng;
pub use state::{Changes, Meta, MoveRefused, SettingRefused, Settings, State, StoreKind};
pub use table::Table;
pub use things::{
    Customer, Estimate, Happening, Line, Order, OrderKind, Payment, Print, PrintItem, Printable, Product, Refund,
    Shipment, Variant,
};
pub use time::{WorldTime, iso, money, shop_time};
