//! The whole product, entered by the front door, on both engines.

mod city;
mod config;
mod faults;
mod journey;
mod log;
mod openapi;
mod races;
