//! The vital signs by their words, with what is plausible of each.

/// A measure by its words, with its plausible range (adult and child, ill or well).
pub(super) struct Measure {
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) spoken: bool,
}

pub(super) const MEASURES: &[Measure] = &[
    Measure {
        name: "rr",
        words: &[
            "frecuencia respiratoria",
            "respiratoria",
            "respiraciones",
            "respirando",
            "respira a",
            "polipneico",
            "polipneica",
            "fr",
        ],
        low: 8.0,
        high: 90.0,
        spoken: false,
    },
    Measure {
        name: "hr",
        words: &[
            "frecuencia cardiaca",
            "pulso",
            "frecuencia",
            "cardiaca",
            "corazon a",
            "latidos",
            "pulsaciones",
            "latiendo",
            "late a",
            "fc",
            "taquicardico",
            "taquicardica",
            "bradicardico",
            "bradicardica",
        ],
        low: 30.0,
        high: 230.0,
        spoken: false,
    },
    Measure {
        name: "temp_c",
        words: &["temperatura", "temp", "grados", "termometro"],
        low: 34.0,
        high: 42.5,
        spoken: true,
    },
    Measure {
        name: "spo2",
        words: &[
            "saturacion",
            "satura",
            "saturando",
            "oxigenacion",
            "oximetro",
            "oximetria",
            "oximetria de pulso",
            "saturas",
            "oxigeno",
            "spo2",
            "sato2",
        ],
        low: 50.0,
        high: 100.0,
        spoken: false,
    },
    Measure {
        name: "weight_kg",
        words: &["pesa", "pesas", "peso", "pesando", "bascula", "peso de"],
        low: 1.5,
        high: 250.0,
        spoken: true,
    },
    Measure {
        name: "height_m",
        words: &["mide", "mides", "talla", "estatura", "midiendo"],
        low: 0.4,
        high: 2.2,
        spoken: true,
    },
    Measure {
        name: "glucose_mg_dl",
        words: &[
            "glucosa",
            "azucar",
            "glucemia",
            "glicemia",
            "dextro",
            "dextrostix",
            "destrostix",
            "destroxtis",
            "capilar",
            "glucometria",
            "tira",
            "tirita",
        ],
        low: 20.0,
        high: 700.0,
        spoken: false,
    },
];

/// The plausible values of a sign, by its name in the batch output.
pub(crate) fn plausible(name: &str) -> Option<(f64, f64)> {
    MEASURES.iter().find(|measure| measure.name == name).map(|measure| (measure.low, measure.high))
}
