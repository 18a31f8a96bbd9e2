//! What the project's own tests share; it is never part of the product.

pub mod checkout;
pub mod shipped;
pub mod world;
