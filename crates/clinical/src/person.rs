//! Names, sex and age of people as Mexican documents write them.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Longest part of a name that is kept; NOM-024 Tabla 1 gives 50, longer real names exist and are not cut.
pub const NAME_PART_MAX: usize = 120;

/// Nobody alive was born before this year.
pub const OLDEST_BIRTH_YEAR: i16 = 1900;

/// Why a person's data was refused. The text is for the form field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// No given name.
    #[error("Escriba el nombre")]
    MissingGivenName,
    /// No first surname.
    #[error("Escriba el primer apellido")]
    MissingSurname,
    /// A part longer than [`NAME_PART_MAX`] characters.
    #[error("Escriba esta parte del nombre en 120 letras o menos")]
    TooLong,
    /// Digits or symbols that no name has.
    #[error("Escriba el nombre solo con letras")]
    NotAName,
    /// The date cannot be read.
    #[error("Escriba la fecha como día/mes/año, por ejemplo 27/03/1984")]
    UnreadableDate,
    /// Born after today.
    #[error("La fecha de nacimiento no puede ser futura")]
    FutureBirth,
    /// Born before [`OLDEST_BIRTH_YEAR`].
    #[error("Revise el año de nacimiento: no puede ser anterior a 1900")]
    TooOld,
}

/// A person's name in the parts that NOM-024 asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    given: String,
    first_surname: String,
    second_surname: Option<String>,
}

impl PersonName {
    /// Reads the three parts; spaces are tidied, compound names are kept as written.
    ///
    /// # Errors
    /// [`PersonError`] when a required part is missing, too long, or has digits or symbols.
    pub fn parse(given: &str, first_surname: &str, second_surname: &str) -> Result<Self, PersonError> {
        let given = tidy(given)?.ok_or(PersonError::MissingGivenName)?;
        let first_surname = tidy(first_surname)?.ok_or(PersonError::MissingSurname)?;
        Ok(Self { given, first_surname, second_surname: tidy(second_surname)? })
    }

    /// Reads the name of somebody who has only one, without surnames.
    ///
    /// # Errors
    /// [`PersonError`] when it is missing, too long, or has digits or symbols.
    pub fn single(name: &str) -> Result<Self, PersonError> {
        let given = tidy(name)?.ok_or(PersonError::MissingGivenName)?;
        Ok(Self { given, first_surname: String::new(), second_surname: None })
    }

    /// Checks one part alone, so that a form can name the field; `None` when nothing was written.
    ///
    /// # Errors
    /// [`PersonError::TooLong`] or [`PersonError::NotAName`].
    pub fn part(text: &str) -> Result<Option<String>, PersonError> {
        tidy(text)
    }

    /// The conventional name of a person nobody could identify (DGIS form instructions, 2024).
    #[must_use]
    pub fn unknown() -> Self {
        let word = || "DESCONOCIDO".to_owned();
        Self { given: word(), first_surname: word(), second_surname: Some(word()) }
    }

    /// Given name or names.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// First surname; empty for somebody with a single name.
    #[must_use]
    pub fn first_surname(&self) -> &str {
        &self.first_surname
    }

    /// Second surname, which may be absent.
    #[must_use]
    pub fn second_surname(&self) -> Option<&str> {
        self.second_surname.as_deref()
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)?;
        let surnames =
            Some(&self.first_surname).filter(|name| !name.is_empty()).into_iter().chain(&self.second_surname);
        for surname in surnames {
            write!(f, " {surname}")?;
        }
        Ok(())
    }
}

fn tidy(part: &str) -> Result<Option<String>, PersonError> {
    let words = part.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return Ok(None);
    }
    if words.chars().count() > NAME_PART_MAX {
        return Err(PersonError::TooLong);
    }
    let allowed =
        |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-' | '.' | '\u{0300}'..='\u{036f}');
    if words.chars().all(allowed) && words.chars().any(char::is_alphabetic) {
        Ok(Some(words))
    } else {
        Err(PersonError::NotAName)
    }
}

/// Biological sex, the one clinical rules use (legal reference 2.6: three separate fields exist in exchange formats).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Mujer.
    Female,
    /// Hombre.
    Male,
    /// Intersexual.
    Intersex,
    /// No determinado (unknown patient or newborn).
    Undetermined,
}

impl Sex {
    /// All values in the order shown on forms.
    pub const ALL: [Self; 4] = [Self::Female, Self::Male, Self::Intersex, Self::Undetermined];

    /// The word stored and posted by forms.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Intersex => "intersex",
            Self::Undetermined => "undetermined",
        }
    }

    /// Reads [`Sex::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sex| sex.code() == code)
    }

    /// The word a Mexican document shows.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Female => "Mujer",
            Self::Male => "Hombre",
            Self::Intersex => "Intersexual",
            Self::Undetermined => "No determinado",
        }
    }
}

/// Reads a date as people write it: `27/03/1984`, `27-3-1984`, `27.03.1984` or `1984-03-27`.
///
/// # Errors
/// [`PersonError::UnreadableDate`] for anything else, and for days that do not exist.
pub fn parse_date(text: &str) -> Result<Date, PersonError> {
    let parts = text.trim().split(['/', '-', '.']).map(str::trim).collect::<Vec<_>>();
    let number = |part: &str| -> Option<i16> {
        let plain = !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    };
    let [a, b, c] = parts.as_slice() else { return Err(PersonError::UnreadableDate) };
    let (Some(x), Some(y), Some(z)) = (number(a), number(b), number(c)) else {
        return Err(PersonError::UnreadableDate);
    };
    let (year, month, day) = if a.len() == 4 { (x, y, z) } else { (z, y, x) };
    let small = |n: i16| i8::try_from(n).map_err(|_| PersonError::UnreadableDate);
    if year < 1000 {
        return Err(PersonError::UnreadableDate);
    }
    Date::new(year, small(month)?, small(day)?).map_err(|_| PersonError::UnreadableDate)
}

/// A date of birth that is not in the future and not before [`OLDEST_BIRTH_YEAR`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BirthDate(Date);

impl BirthDate {
    /// Reads and checks a date of birth; `today` is handed in.
    ///
    /// # Errors
    /// [`PersonError`] when it cannot be read, lies in the future or gives an impossible age.
    pub fn parse(text: &str, today: Date) -> Result<Self, PersonError> {
        let date = parse_date(text)?;
        if date > today {
            return Err(PersonError::FutureBirth);
        }
        if date.year() < OLDEST_BIRTH_YEAR {
            return Err(PersonError::TooOld);
        }
        Ok(Self(date))
    }

    /// Takes a date that was checked when it was stored.
    #[must_use]
    pub fn from_stored(date: Date) -> Self {
        Self(date)
    }

    /// The calendar date.
    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }

    /// Age on the given day (NOM-004 5.9: the age at the date of the act).
    #[must_use]
    pub fn age_on(self, day: Date) -> Age {
        Age::between(self.0, day)
    }
}

/// Completed years, months and days of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    /// Completed years.
    pub years: i16,
    /// Completed months beyond the years, 0 to 11.
    pub months: i8,
    /// Completed days beyond the months.
    pub days: i8,
}

impl Age {
    /// Age from birth to `day`; zero when `day` comes first.
    #[must_use]
    pub fn between(birth: Date, day: Date) -> Self {
        let zero = Self { years: 0, months: 0, days: 0 };
        if day < birth {
            return zero;
        }
        birth.until((jiff::Unit::Year, day)).map_or(zero, |span| Self {
            years: span.get_years(),
            months: i8::try_from(span.get_months()).unwrap_or_default(),
            days: i8::try_from(span.get_days()).unwrap_or_default(),
        })
    }
}

impl fmt::Display for Age {
    /// "64 años", from one month to two years "14 meses", before that "12 días".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let months = i32::from(self.years) * 12 + i32::from(self.months);
        let unit = |n: i32, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        f.write_str(&match (self.years, months) {
            (2.., _) => unit(i32::from(self.years), "año", "años"),
            (_, 1..) => unit(months, "mes", "meses"),
            _ => unit(i32::from(self.days), "día", "días"),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn names_keep_accents_compounds_and_apostrophes() {
        let name = PersonName::parse("  María  del Carmen ", "D'Ávila-Peña", "").unwrap();
        assert_eq!(name.to_string(), "María del Carmen D'Ávila-Peña");
        assert_eq!(PersonName::single("Sukarno").unwrap().to_string(), "Sukarno");
        assert_eq!(PersonName::part("  "), Ok(None));
        assert_eq!(PersonName::parse("R2D2", "X", ""), Err(PersonError::NotAName));
        assert_eq!(PersonName::parse("", "X", ""), Err(PersonError::MissingGivenName));
        assert!(PersonName::parse(&"ñ".repeat(120), "X", "").is_ok());
        assert_eq!(PersonName::parse(&"ñ".repeat(121), "X", ""), Err(PersonError::TooLong));
    }

    #[test]
    fn dates_are_read_in_the_ways_people_write_them() {
        for text in ["27/03/1984", "27-3-1984", " 27.03.1984", "1984-03-27"] {
            assert_eq!(parse_date(text), Ok(date(1984, 3, 27)), "{text}");
        }
        for text in ["31/02/2000", "27/03/84", "ayer", "", "1/1", "999999/1/1", "-1/1/2000"] {
            assert_eq!(parse_date(text), Err(PersonError::UnreadableDate), "{text}");
        }
    }

    #[test]
    fn birth_dates_outside_a_human_life_are_refused() {
        let today = date(2026, 11, 25);
        assert_eq!(BirthDate::parse("26/11/2026", today), Err(PersonError::FutureBirth));
        assert_eq!(BirthDate::parse("31/12/1899", today), Err(PersonError::TooOld));
        assert!(BirthDate::parse("01/01/1900", today).is_ok());
        assert!(BirthDate::parse("25/11/2026", today).is_ok());
    }

    #[test]
    fn age_is_said_in_the_unit_that_fits() {
        let check =
            |birth: Date, said: &str| assert_eq!(Age::between(birth, date(2026, 11, 25)).to_string(), said);
        check(date(1962, 11, 25), "64 años");
        check(date(1962, 11, 26), "63 años");
        check(date(2025, 9, 20), "14 meses");
        check(date(2026, 10, 25), "1 mes");
        check(date(2026, 11, 24), "1 día");
        check(date(2026, 11, 25), "0 días");
        check(date(2024, 11, 25), "2 años");
    }
}
