//! SQL of this context. Takes `&mut Tx`, returns model types.

pub(crate) mod covers;
pub(crate) mod organs;
pub(crate) mod people;
pub(crate) mod sessions;
