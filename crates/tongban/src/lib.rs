//! The one binary: command line, wiring, workers, composed pages, and what only the whole can do (log, demo, backup).

pub mod app;
pub mod commands;
pub mod config;
pub mod demo;
pub mod health;
mod http;
mod keys;
mod letters;
pub mod openapi;
pub mod pages;
pub mod progress;
pub mod simulator;
mod site;
pub mod translog;
pub mod worker;
