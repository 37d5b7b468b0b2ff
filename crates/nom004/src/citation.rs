//! Where a rule comes from, written the way Mexican documents cite it.

use std::fmt;

/// A norm that asks for an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Norm {
    /// NOM-004-SSA3-2012, divided into numerales, never articles.
    Nom004,
    /// NOM-027-SSA3-2013, of emergency services.
    Nom027,
    /// Ley General de Salud.
    Lgs,
    /// Reglamento de Insumos para la Salud.
    Ris,
    /// Acuerdo on the sale of antibiotics, DOF 27-05-2010.
    Antibiotics,
}

/// A place in a norm. Only places whose text was read or confirmed are made into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Citation {
    /// The norm.
    pub norm: Norm,
    /// Numeral or article, for example "6.2.5".
    pub place: &'static str,
}

impl Citation {
    /// A numeral of NOM-004.
    #[must_use]
    pub const fn nom004(place: &'static str) -> Self {
        Self { norm: Norm::Nom004, place }
    }

    /// A numeral of NOM-027-SSA3-2013.
    #[must_use]
    pub const fn nom027(place: &'static str) -> Self {
        Self { norm: Norm::Nom027, place }
    }

    /// An article of the Ley General de Salud.
    #[must_use]
    pub const fn lgs(place: &'static str) -> Self {
        Self { norm: Norm::Lgs, place }
    }

    /// The acuerdo on the sale of antibiotics, of which no article is cited.
    #[must_use]
    pub const fn antibiotics() -> Self {
        Self { norm: Norm::Antibiotics, place: "DOF 27-05-2010" }
    }

    /// An article of the Reglamento de Insumos para la Salud.
    #[must_use]
    pub const fn ris(place: &'static str) -> Self {
        Self { norm: Norm::Ris, place }
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.norm {
            Norm::Nom004 => write!(f, "NOM-004-SSA3-2012, numeral {}", self.place),
            Norm::Nom027 => write!(f, "NOM-027-SSA3-2013, numeral {}", self.place),
            Norm::Lgs => write!(f, "Ley General de Salud, artículo {}", self.place),
            Norm::Antibiotics => write!(f, "Acuerdo sobre la venta de antibióticos, {}", self.place),
            Norm::Ris => write!(f, "Reglamento de Insumos para la Salud, artículo {}", self.place),
        }
    }
}
