//! The whole product, entered by the front door, on both engines.

mod acts;
mod admin;
mod admin_calendar;
mod admin_process_moves;
mod admin_processes;
mod browser;
mod city;
mod config;
mod dmn;
mod doctor;
mod door;
mod faults;
mod journey;
mod keys;
mod log;
mod openapi;
mod processes;
mod races;
mod timers;
mod upkeep;
mod uploads;
mod words;
