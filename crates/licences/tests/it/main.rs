//! Licences on both engines, from outside.

mod city;
mod issuing;
mod offline;
mod pages;
mod register;
mod verification;
