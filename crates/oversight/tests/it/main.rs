//! Ratings on both engines, from outside.

mod city;
mod pages;
mod rating;
