//! The context from outside: requests in, pages out, on a private store with an item of the sample city.

mod acts;
mod advice;
mod house;
mod journey;
mod orders;
