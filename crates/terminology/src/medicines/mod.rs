//! Medicines.
