//! drug-safety
