//! The whole product, entered by the front door, on both engines.

mod admin;
mod admin_calendar;
mod browser;
mod city;
mod config;
mod faults;
mod journey;
mod log;
mod openapi;
mod races;
