//! The model over the demo content and over a synthetic feed.

mod city;
mod demo;
mod entry;
mod guide;
mod import;
mod lifecycle;
mod opening;
mod pages;
mod rules;
mod support;
