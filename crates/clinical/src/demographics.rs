//! What NOM-024 asks about a person beside name, birth date and sex, and what the law calls sensitive.
//!
//! Fields and codes: NOM-024-SSA3-2012, Tabla 1, and GIIS-B015 (legal reference 2.2 and 2.4).

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::identifiers::Email;
use crate::ids::PatientId;

/// An enumeration with the word that is stored and the word on screens.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $code:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $code)] $variant,)*
        }

        impl $name {
            /// All values in the order of the form.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word stored and posted by forms.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The word on screens.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }

            /// Reads the stored word.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.code() == code)
            }
        }
    };
}
pub(crate) use coded;

coded!(
    /// Sex as the civil registry has it: position 11 of the CURP. Clinical rules use [`crate::person::Sex`].
    RegisteredSex {
        /// Hombre.
        Man = "H", "Hombre";
        /// Mujer.
        Woman = "M", "Mujer";
        /// No binario.
        NonBinary = "X", "No binario";
    }
);

coded!(
    /// Género, as the patient says it; optional. The code is the one of GIIS-B015.
    Gender {
        /// Not specified, or not binary.
        Unspecified = "0", "No binario o no especificado";
        /// Masculino.
        Masculine = "1", "Masculino";
        /// Femenino.
        Feminine = "2", "Femenino";
        /// Transgénero.
        Transgender = "3", "Transgénero";
        /// Transexual.
        Transsexual = "4", "Transexual";
        /// Travesti.
        Transvestite = "5", "Travesti";
        /// Intersexual.
        Intersex = "6", "Intersexual";
        /// Another one.
        Other = "88", "Otro";
    }
);

coded!(
    /// Whether the person considers themself part of a people. Sensitive datum (LFPDPPP 2-VI): optional.
    People {
        /// Of an indigenous people.
        Indigenous = "indigenous", "Se considera indígena";
        /// Afro-Mexican.
        AfroMexican = "afro_mexican", "Se considera afromexicana";
        /// Both.
        Both = "both", "Se considera indígena y afromexicana";
        /// Neither.
        Neither = "neither", "Ninguna";
    }
);

coded!(
    /// Why there is no CURP; the CURP itself is never made up (NOM-024 6.5.1).
    NoCurp {
        /// It exists, the patient has no paper at hand.
        NotAtHand = "not_at_hand", "No la trae o no la recuerda";
        /// The birth is not registered yet.
        NotRegistered = "not_registered", "Su nacimiento aún no está registrado";
        /// A foreigner without one.
        Foreigner = "foreigner", "Persona extranjera sin CURP";
        /// The patient prefers not to give it.
        Withheld = "withheld", "Prefiere no darla";
    }
);

/// INEGI number, letters in the CURP, name. The number of "born abroad" is NE (NOM-024 Tabla 1).
const ENTITIES: [(&str, &str, &str); 33] = [
    ("01", "AS", "Aguascalientes"),
    ("02", "BC", "Baja California"),
    ("03", "BS", "Baja California Sur"),
    ("04", "CC", "Campeche"),
    ("05", "CL", "Coahuila"),
    ("06", "CM", "Colima"),
    ("07", "CS", "Chiapas"),
    ("08", "CH", "Chihuahua"),
    ("09", "DF", "Ciudad de México"),
    ("10", "DG", "Durango"),
    ("11", "GT", "Guanajuato"),
    ("12", "GR", "Guerrero"),
    ("13", "HG", "Hidalgo"),
    ("14", "JC", "Jalisco"),
    ("15", "MC", "Estado de México"),
    ("16", "MN", "Michoacán"),
    ("17", "MS", "Morelos"),
    ("18", "NT", "Nayarit"),
    ("19", "NL", "Nuevo León"),
    ("20", "OC", "Oaxaca"),
    ("21", "PL", "Puebla"),
    ("22", "QT", "Querétaro"),
    ("23", "QR", "Quintana Roo"),
    ("24", "SP", "San Luis Potosí"),
    ("25", "SL", "Sinaloa"),
    ("26", "SR", "Sonora"),
    ("27", "TC", "Tabasco"),
    ("28", "TS", "Tamaulipas"),
    ("29", "TL", "Tlaxcala"),
    ("30", "VZ", "Veracruz"),
    ("31", "YN", "Yucatán"),
    ("32", "ZS", "Zacatecas"),
    ("NE", "NE", "Nació en el extranjero"),
];

/// An entidad federativa by its INEGI code, or "NE" for a birth abroad. Unknown is `None`, exported as "00".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Entity(usize);

/// The text is not the code of an entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Elija la entidad de la lista")]
pub struct UnknownEntity;

impl Entity {
    /// All entities, births abroad last.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..ENTITIES.len()).map(Self)
    }

    /// Reads the INEGI code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|entity| entity.code() == code)
    }

    /// Reads positions 12 and 13 of a CURP.
    #[must_use]
    pub fn from_curp(letters: &str) -> Option<Self> {
        Self::all().find(|entity| ENTITIES[entity.0].1 == letters)
    }

    /// "21", or "NE".
    #[must_use]
    pub fn code(self) -> &'static str {
        ENTITIES[self.0].0
    }

    /// "Puebla".
    #[must_use]
    pub fn name(self) -> &'static str {
        ENTITIES[self.0].2
    }

    /// Whether somebody can live there; "born abroad" is no address.
    #[must_use]
    pub fn is_in_mexico(self) -> bool {
        self.code() != "NE"
    }
}

impl TryFrom<String> for Entity {
    type Error = UnknownEntity;
    fn try_from(code: String) -> Result<Self, UnknownEntity> {
        Self::from_code(&code).ok_or(UnknownEntity)
    }
}

impl From<Entity> for String {
    fn from(entity: Entity) -> Self {
        entity.code().to_owned()
    }
}

/// A key of INEGI's catalogue of municipios and localidades: 5 digits (municipio) or 9 (localidad).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GeoKey(String);

/// The text is not such a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Escriba la clave de INEGI con 5 dígitos (municipio) o 9 (localidad), o deje el campo vacío")]
pub struct InvalidGeoKey;

impl GeoKey {
    /// Reads a key; spaces do not matter.
    ///
    /// # Errors
    /// [`InvalidGeoKey`] unless it has 5 or 9 digits that begin with the number of an entity.
    pub fn parse(text: &str) -> Result<Self, InvalidGeoKey> {
        let key: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let digits = matches!(key.len(), 5 | 9) && key.bytes().all(|b| b.is_ascii_digit());
        if digits && Entity::from_code(&key[..2]).is_some() { Ok(Self(key)) } else { Err(InvalidGeoKey) }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two digits of the entity (EDO).
    #[must_use]
    pub fn entity(&self) -> Option<Entity> {
        Entity::from_code(self.0.get(..2)?)
    }

    /// The three digits of the municipio (MUN).
    #[must_use]
    pub fn municipality(&self) -> &str {
        self.0.get(2..5).unwrap_or("000")
    }

    /// The four digits of the localidad (LOC), "0000" when the key names none.
    #[must_use]
    pub fn locality(&self) -> &str {
        self.0.get(5..9).unwrap_or("0000")
    }
}

/// The rest of the identification of a patient: all optional, filled in as it becomes known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demographics {
    /// Where an e-mail reaches them.
    pub email: Option<Email>,
    /// Entidad de nacimiento (EDONAC).
    pub birth_entity: Option<Entity>,
    /// Sexo in the civil registry (SEXO).
    pub registered_sex: Option<RegisteredSex>,
    /// Género; sensitive.
    pub gender: Option<Gender>,
    /// Nacionalidad de origen in words (NACORIGEN; its code belongs to the export).
    pub nationality: Option<String>,
    /// Why the CURP is missing.
    pub no_curp: Option<NoCurp>,
    /// Entidad de residencia (EDO).
    pub residence: Option<Entity>,
    /// Municipio or alcaldía of residence in words.
    pub municipality: Option<String>,
    /// Localidad or colonia of residence in words.
    pub locality: Option<String>,
    /// Key of municipio or localidad, when somebody knows it (MUN, LOC).
    pub geo_key: Option<GeoKey>,
    /// Belonging to a people; sensitive.
    pub people: Option<People>,
    /// Lengua materna, when it is not Spanish; sensitive.
    pub language: Option<String>,
    /// Whether an interpreter is needed (LGS 51 Bis 1).
    pub interpreter: bool,
    /// Record of the mother, of a patient who was registered as newborn.
    pub mother: Option<PatientId>,
    /// Time of birth, of a newborn.
    pub birth_time: Option<Time>,
    /// Place among the children of one birth, from 1; `None` for a single birth.
    pub birth_order: Option<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_known_by_their_inegi_number_and_by_their_letters_in_the_curp() {
        assert_eq!(Entity::all().count(), 33);
        assert_eq!(Entity::from_code("21").map(Entity::name), Some("Puebla"));
        assert_eq!(Entity::from_curp("DF").map(Entity::code), Some("09"));
        assert_eq!(Entity::from_curp("NE").map(Entity::is_in_mexico), Some(false));
        assert_eq!(Entity::from_code("00"), None);
        let numbered = Entity::all().take(32).zip(1..).all(|(e, n)| e.code() == format!("{n:02}"));
        assert!(numbered, "an entity is out of order");
    }

    #[test]
    fn a_geographic_key_is_split_as_the_norm_wants_it() {
        let key = GeoKey::parse("21 114 0001").unwrap();
        assert_eq!(key.entity().map(Entity::name), Some("Puebla"));
        assert_eq!((key.municipality(), key.locality()), ("114", "0001"));
        assert_eq!(GeoKey::parse("21114").unwrap().locality(), "0000");
        for wrong in ["", "2111", "99114", "21114000", "2111a", "ñññ"] {
            assert_eq!(GeoKey::parse(wrong), Err(InvalidGeoKey), "{wrong}");
        }
    }

    #[test]
    fn details_written_by_an_older_program_are_still_read() {
        let read: Demographics = serde_json::from_str(r#"{"birth_entity":"09","gender":"88"}"#).unwrap();
        assert_eq!(read.birth_entity, Entity::from_code("09"));
        assert_eq!(read.gender, Some(Gender::Other));
        let again: Demographics = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }
}
