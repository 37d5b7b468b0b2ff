//! The chapter of an ICD-11 code, from the code alone: its first sign says it (ICD-11 Reference Guide, "code structure").

/// A chapter: the sign its codes begin with, its number, and a short name in Spanish (of this project, not WHO's title).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// First sign of its codes.
    pub sign: char,
    /// Its number, as WHO writes it.
    pub number: &'static str,
    /// A short name.
    pub name: &'static str,
}

macro_rules! chapters {
    ($($sign:literal $number:literal $name:literal;)*) => {
        &[$(Chapter { sign: $sign, number: $number, name: $name }),*]
    };
}

/// The chapters whose codes stand by themselves, in their order; I and O are no signs of codes.
pub const CHAPTERS: &[Chapter] = chapters! {
    '1' "01" "Infecciosas y parasitarias";
    '2' "02" "Neoplasias";
    '3' "03" "Sangre";
    '4' "04" "Sistema inmunitario";
    '5' "05" "Endocrinas, nutricionales y metabólicas";
    '6' "06" "Mentales y del comportamiento";
    '7' "07" "Sueño y vigilia";
    '8' "08" "Sistema nervioso";
    '9' "09" "Ojo y visión";
    'A' "10" "Oído";
    'B' "11" "Sistema circulatorio";
    'C' "12" "Aparato respiratorio";
    'D' "13" "Aparato digestivo";
    'E' "14" "Piel";
    'F' "15" "Musculoesquelético y tejido conjuntivo";
    'G' "16" "Aparato genitourinario";
    'H' "17" "Salud sexual";
    'J' "18" "Embarazo, parto y puerperio";
    'K' "19" "Período perinatal";
    'L' "20" "Anomalías del desarrollo";
    'M' "21" "Síntomas y signos";
    'N' "22" "Lesiones e intoxicaciones";
    'P' "23" "Causas externas";
    'Q' "24" "Contacto con los servicios de salud";
    'R' "25" "Códigos especiales";
    'S' "26" "Medicina tradicional";
    'V' "V" "Funcionamiento";
};

/// The chapter of a code; `None` for an empty text or a code of another classification.
#[must_use]
pub fn chapter(code: &str) -> Option<&'static Chapter> {
    let sign = code.chars().next()?;
    CHAPTERS.iter().find(|chapter| chapter.sign == sign)
}

#[cfg(test)]
mod tests {
    use super::chapter;

    #[test]
    fn the_first_sign_of_a_code_says_its_chapter() {
        assert_eq!(chapter("5A11").map(|chapter| chapter.number), Some("05"));
        assert_eq!(chapter("BA00.Z").map(|chapter| chapter.number), Some("11"));
        assert_eq!(chapter("JA24/5A11").map(|chapter| chapter.number), Some("18"));
        assert_eq!(chapter(""), None);
        assert_eq!(chapter("XN109"), None, "an extension code stands for no diagnosis of its own");
    }
}
