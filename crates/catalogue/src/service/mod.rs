//! Publishing items and reading what is published.

mod publish;
mod shelf;

pub use publish::{NewVersion, publish, put_licence_type};
pub use shelf::{
    Offer, Shelf, count, current, items_after, items_of_organ, licence_type, offer, offer_by_code,
    offers_by_codes, organs_with_items,
};
