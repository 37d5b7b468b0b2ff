//! The routes of the router, read from its source, and who may use each.

/// Nobody needs to sign in.
pub(crate) const PUBLIC: &str = "público";
/// Whoever is signed in.
pub(crate) const SIGNED_IN: &str = "con sesión";

/// Method, path, and who is let in: M médico, T pasante o residente, E enfermería, R recepción, A administración, U auditoría.
pub(crate) const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/", SIGNED_IN),
    ("GET", "/primer-inicio", PUBLIC),
    ("POST", "/primer-inicio", PUBLIC),
    ("GET", "/entrar", PUBLIC),
    ("POST", "/entrar", PUBLIC),
    ("GET", "/entrar/paso", PUBLIC),
    ("POST", "/entrar/codigo", PUBLIC),
    ("POST", "/entrar/llave", PUBLIC),
    ("POST", "/entrar/contrasena", PUBLIC),
    ("POST", "/entrar/configurar", PUBLIC),
    ("POST", "/salir", SIGNED_IN),
    ("GET", "/cuenta", SIGNED_IN),
    ("POST", "/cuenta/factores", SIGNED_IN),
    ("POST", "/cuenta/factores/confirmar", SIGNED_IN),
    ("POST", "/cuenta/factores/{factor}/quitar", SIGNED_IN),
    ("POST", "/cuenta/llaves", SIGNED_IN),
    ("POST", "/cuenta/llaves/confirmar", SIGNED_IN),
    ("POST", "/cuenta/codigos", SIGNED_IN),
    ("POST", "/cuenta/sesiones/cerrar", SIGNED_IN),
    ("POST", "/cuenta/efirma/quitar", SIGNED_IN),
    ("POST", "/cuenta/contrasena", SIGNED_IN),
    ("GET", "/cuenta/voz", "MTE"),
    ("POST", "/cuenta/voz", "MTE"),
    ("POST", "/cuenta/voz/borrar", "MTE"),
    ("GET", "/cuenta/preferencias", "MTE"),
    ("POST", "/cuenta/preferencias/estilo", "MTE"),
    ("POST", "/cuenta/preferencias/palabras", "MTE"),
    ("POST", "/cuenta/preferencias/frases", "MTE"),
    ("POST", "/cuenta/preferencias/{preference}/activar", "MTE"),
    ("POST", "/cuenta/preferencias/{preference}/quitar", "MTE"),
    ("POST", "/cuenta/preferencias/favoritos/{kept}/quitar", "MTE"),
    ("GET", "/cuenta/plantillas", "MTE"),
    ("POST", "/cuenta/plantillas", "MTE"),
    ("GET", "/cuenta/plantillas/{template}", "MTE"),
    ("POST", "/cuenta/plantillas/{template}/nombre", "MTE"),
    ("POST", "/cuenta/plantillas/{template}/apartados", "MTE"),
    ("POST", "/cuenta/plantillas/{template}/inicio", "MTE"),
    ("POST", "/cuenta/plantillas/{template}/quitar", "MTE"),
    ("GET", "/cuentas", "A"),
    ("GET", "/cuentas/nueva", "A"),
    ("POST", "/cuentas/nueva", "A"),
    ("GET", "/cuentas/acceso", "A"),
    ("POST", "/cuentas/acceso", "A"),
    ("GET", "/establecimiento", "A"),
    ("POST", "/establecimiento", "A"),
    ("GET", "/establecimiento/logotipo", "A"),
    ("POST", "/establecimiento/logotipo", "A"),
    ("POST", "/establecimiento/logotipo/quitar", "A"),
    ("POST", "/establecimiento/grabaciones", "A"),
    ("GET", "/cie11", "A"),
    ("POST", "/cie11", "A"),
    ("POST", "/cie11/usar", "A"),
    ("GET", "/cuentas/{user}", "A"),
    ("POST", "/cuentas/{user}", "A"),
    ("POST", "/cuentas/{user}/contrasena", "A"),
    ("POST", "/cuentas/{user}/factores/quitar", "A"),
    ("POST", "/cuentas/{user}/sesiones/cerrar", "A"),
    ("GET", "/verificar", PUBLIC),
    ("POST", "/verificar", PUBLIC),
    ("GET", "/verificador.html", PUBLIC),
    ("GET", "/salud", PUBLIC),
    ("GET", "/recursos/{file}", PUBLIC),
    ("GET", "/hoy", "MTER"),
    ("GET", "/consultas", "MTER"),
    ("GET", "/agenda", "MTER"),
    ("GET", "/agenda/nueva", "MTER"),
    ("POST", "/citas", "MTER"),
    ("GET", "/agenda/calendario", "MTER"),
    ("POST", "/agenda/calendario", "MTE"),
    ("POST", "/agenda/calendario/importar", "MTER"),
    ("POST", "/agenda/calendario/olvidar", "MTER"),
    ("GET", "/calendario/{secret}", PUBLIC),
    ("GET", "/agenda/espera", "MTER"),
    ("POST", "/agenda/espera/quitar", "MTER"),
    ("GET", "/agenda/horarios", "MTER"),
    ("POST", "/agenda/horarios", "MTER"),
    ("POST", "/agenda/horarios/quitar", "MTER"),
    ("POST", "/agenda/ausencias", "MTER"),
    ("POST", "/agenda/ausencias/quitar", "MTER"),
    ("POST", "/agenda/servicios", "MTER"),
    ("POST", "/agenda/consultorios", "MTER"),
    ("GET", "/citas/{id}", "MTER"),
    ("POST", "/citas/{id}/paso", "MTER"),
    ("POST", "/citas/{id}/cancelar", "MTER"),
    ("POST", "/citas/{id}/mover", "MTER"),
    ("POST", "/citas/{id}/llegada", "MTER"),
    ("POST", "/citas/{id}/iniciar", "MTE"),
    ("GET", "/bitacora", "AU"),
    ("GET", "/bitacora/exportar", "AU"),
    ("POST", "/bitacora/exportar", "AU"),
    ("GET", "/bitacora/paciente/{id}", "AU"),
    ("GET", "/bitacora/aperturas", "AU"),
    ("POST", "/bitacora/aperturas/{opening}", "AU"),
    ("GET", "/buscar", "MTE"),
    ("POST", "/buscar", "MTE"),
    ("GET", "/cumplimiento", "MEAU"),
    ("GET", "/tableros", "MTEAU"),
    ("GET", "/tableros/capitulo", "MTEAU"),
    ("GET", "/tableros/pacientes", "MTE"),
    ("GET", "/tableros/calidad", "MTE"),
    ("GET", "/tableros/lista", "MTE"),
    ("GET", "/tableros/preguntas", "MTEAU"),
    ("POST", "/tableros/preguntas/guardadas", "MTEAU"),
    ("GET", "/tableros/preguntas/pacientes.csv", "M"),
    ("POST", "/tableros/preguntas/pacientes.csv", "M"),
    ("POST", "/tableros/preguntas/{question}/nombre", "MTEAU"),
    ("POST", "/tableros/preguntas/{question}/quitar", "MTEAU"),
    ("GET", "/tableros/epidemiologia", "MTEAU"),
    ("GET", "/tableros/epidemiologia/suive.csv", "ME"),
    ("POST", "/tableros/epidemiologia/{document}/aviso", "ME"),
    ("GET", "/tableros/informes", "MTEAU"),
    ("POST", "/tableros/informes", "A"),
    ("POST", "/tableros/informes/hacer", "A"),
    ("GET", "/tableros/informes/vista", "MTEAU"),
    ("GET", "/tableros/informes/{report}", "MTEAU"),
    ("POST", "/tableros/informes/{report}/reenviar", "A"),
    ("GET", "/grupos", "A"),
    ("POST", "/grupos", "A"),
    ("POST", "/grupos/{group}/quitar", "A"),
    ("POST", "/grupos/{group}/miembros", "A"),
    ("POST", "/grupos/{group}/miembros/{user}/quitar", "A"),
    ("POST", "/grupos/{group}/expedientes", "A"),
    ("POST", "/grupos/{group}/expedientes/{patient}/quitar", "A"),
    ("GET", "/expediente-privado", "ME"),
    ("POST", "/expediente-privado", "ME"),
    ("POST", "/expediente-privado/abrir", "ME"),
    ("GET", "/pacientes", "MTER"),
    ("GET", "/pacientes/nuevo", "MTER"),
    ("POST", "/pacientes/nuevo", "MTER"),
    ("GET", "/pacientes/{id}", "MTER"),
    ("GET", "/pacientes/{id}/editar", "MTER"),
    ("POST", "/pacientes/{id}/editar", "MTER"),
    ("GET", "/pacientes/{id}/identidad", "MTER"),
    ("GET", "/pacientes/{id}/consentimientos", "MTER"),
    ("POST", "/pacientes/{id}/consentimientos", "MTER"),
    ("GET", "/pacientes/importar", "M"),
    ("POST", "/pacientes/importar", "M"),
    ("GET", "/pacientes/{id}/exportar", "M"),
    ("POST", "/pacientes/{id}/exportar", "M"),
    ("GET", "/documentos/externos/{id}", "MTE"),
    ("GET", "/documentos/externos/{id}/pdf", "MTE"),
    ("GET", "/aviso-de-privacidad", SIGNED_IN),
    ("POST", "/aviso-de-privacidad", "A"),
    ("POST", "/pacientes/{id}/representantes", "MTER"),
    ("POST", "/pacientes/{id}/representantes/{entry}/quitar", "MTER"),
    ("GET", "/pacientes/{id}/unir", "M"),
    ("POST", "/pacientes/{id}/unir", "M"),
    ("POST", "/pacientes/{id}/uniones/{merge}/separar", "M"),
    ("POST", "/pacientes/{id}/consultas", "MTE"),
    ("GET", "/pacientes/{id}/documentos/nuevo", "MTE"),
    // The form asks for a note, which enfermería does not write.
    ("POST", "/pacientes/{id}/documentos/nuevo", "MT"),
    ("POST", "/pacientes/{id}/estancia", "MTE"),
    ("POST", "/pacientes/{id}/vigilancias/{follow_up}/hecha", "MTE"),
    ("POST", "/borradores/{id}/recuperar", "MTE"),
    ("POST", "/pacientes/{id}/alergias", "MTE"),
    ("POST", "/pacientes/{id}/alergias/negadas", "MTE"),
    ("POST", "/pacientes/{id}/problemas", "MTE"),
    ("POST", "/pacientes/{id}/medicamentos", "MTE"),
    ("POST", "/pacientes/{id}/resumen/{kind}/{entry}/cerrar", "MTE"),
    ("GET", "/pacientes/{id}/archivos", "MTE"),
    ("POST", "/pacientes/{id}/archivos", "MTE"),
    ("GET", "/archivos/{id}", "MTE"),
    ("GET", "/archivos/{id}/contenido", "MTE"),
    ("POST", "/archivos/{id}/retirar", "MTE"),
    ("GET", "/pacientes/{id}/cumplimiento", "MTE"),
    ("GET", "/documentos", "MTE"),
    ("GET", "/documentos/{id}", "MTE"),
    // Only who signs recetas cancels one.
    ("POST", "/documentos/{id}/cancelar", "M"),
    ("GET", "/documentos/{id}/hoja", "MTE"),
    // Whoever may write meets a document that is no request.
    ("POST", "/documentos/{id}/responder", "MTE"),
    ("GET", "/documentos/{id}/efirma", "M"),
    ("POST", "/documentos/{id}/efirma", "ME"),
    ("POST", "/documentos/{id}/efirma/respuesta", "ME"),
    ("POST", "/documentos/{id}/impresiones", "MTE"),
    ("GET", "/documentos/{id}/impresiones/{n}", "MTE"),
    ("GET", "/documentos/{id}/adenda", "MTE"),
    // A note is corrected by who could have signed it.
    ("POST", "/documentos/{id}/adenda", "M"),
    ("POST", "/documentos/{id}/adenda/sin-guardar", "M"),
    ("POST", "/documentos/{id}/adenda/sin-guardar/descartar", "M"),
    ("GET", "/pacientes/{id}/entregas", "MTE"),
    ("POST", "/pacientes/{id}/entregas", "M"),
    ("GET", "/pacientes/{id}/entregas/lista", "MTE"),
    ("GET", "/entregas/{id}/acuse", "MTE"),
    ("POST", "/entregas/{id}/anular", "M"),
    ("GET", "/pacientes/{id}/conservacion", "MA"),
    ("POST", "/pacientes/{id}/conservacion/bloqueo", "A"),
    ("POST", "/bloqueos/{id}/levantar", "A"),
    ("POST", "/bloqueos/{id}/abrir", "M"),
    ("POST", "/pacientes/{id}/conservacion/retencion", "MA"),
    ("POST", "/pacientes/{id}/conservacion/archivo", "MA"),
    ("POST", "/pacientes/{id}/conservacion/regreso", "MA"),
    ("POST", "/pacientes/{id}/conservacion/supresion", "MA"),
    ("POST", "/retenciones/{id}/levantar", "MA"),
    ("GET", "/conservacion", "MA"),
    ("POST", "/conservacion", "A"),
    ("GET", "/mensajes", "MTER"),
    ("POST", "/mensajes/conversaciones/{conversation}", "MTER"),
    ("POST", "/mensajes/avisos/{message}", "MTER"),
    ("GET", "/mensajes/ajustes", "A"),
    ("POST", "/mensajes/ajustes", "A"),
    ("POST", "/mensajes/alarmas", "A"),
    ("GET", "/derechos", "MRA"),
    ("GET", "/derechos/nueva", "MRA"),
    ("POST", "/derechos/nueva", "MRA"),
    ("GET", "/derechos/calendario", "MRA"),
    ("POST", "/derechos/calendario", "A"),
    ("POST", "/derechos/calendario/quitar", "A"),
    ("GET", "/derechos/{id}", "MRA"),
    // Answers and what carries them out are a physician's; the other steps are of whoever follows the terms.
    ("POST", "/derechos/{id}", "MRA"),
    ("GET", "/derechos/{id}/acuse", "MRA"),
    ("GET", "/derechos/{id}/respuesta", "M"),
    ("GET", "/pacientes/{id}/curso", "MTE"),
    ("POST", "/pacientes/{id}/curso/hecho", "MTE"),
    ("POST", "/pacientes/{id}/curso/hecho/{entry}/quitar", "MTE"),
    ("GET", "/tableros/pendientes", "MTEAU"),
    ("GET", "/pacientes/{id}/resultados", "MTE"),
    ("GET", "/pacientes/{id}/resultados/nuevo", "MTE"),
    ("POST", "/pacientes/{id}/resultados/nuevo", "MTE"),
    ("GET", "/pacientes/{id}/resultados/subir", "MTE"),
    ("POST", "/pacientes/{id}/resultados/subir", "MTE"),
    ("POST", "/pacientes/{id}/resultados/guardar", "MTE"),
    ("GET", "/resultados/{id}", "MTE"),
    ("POST", "/resultados/{id}/corregir", "MTE"),
    ("POST", "/resultados/{id}/retirar", "MTE"),
    ("GET", "/consultas/{id}", "MTE"),
    ("GET", "/consultas/{id}/cie", "MTE"),
    ("POST", "/consultas/{id}/cie/favorito", "MTE"),
    ("GET", "/consultas/{id}/cie/precisar", "MTE"),
    ("GET", "/consultas/{id}/transcripcion", "MTERAU"),
    ("POST", "/consultas/{id}/transcripcion", "MTE"),
    ("GET", "/consultas/{id}/grabacion", "MTE"),
    ("POST", "/consultas/{id}/grabacion", "MTE"),
    ("POST", "/consultas/{id}/grabacion/consentimiento", "MTE"),
    ("POST", "/consultas/{id}/grabacion/archivo", "MTE"),
    ("GET", "/consultas/{id}/grabacion/telefono", "MTE"),
    ("POST", "/consultas/{id}/grabacion/telefono", "MTE"),
    ("POST", "/consultas/{id}/grabacion/telefono/quitar", "MTE"),
    // A phone has no account: `care` gives it the right to record one consultation, or refuses it.
    ("GET", "/telefono", PUBLIC),
    ("POST", "/telefono", PUBLIC),
    ("POST", "/telefono/grabacion", PUBLIC),
    ("GET", "/telefono/grabacion/estado", PUBLIC),
    ("POST", "/telefono/grabacion/piezas/{n}", PUBLIC),
    ("POST", "/telefono/grabacion/paso", PUBLIC),
    ("GET", "/grabaciones/{id}/estado", "MTE"),
    ("POST", "/grabaciones/{id}/piezas/{n}", "MTE"),
    ("POST", "/grabaciones/{id}/paso", "MTE"),
    ("GET", "/grabaciones/{id}/audio", "MTE"),
    ("POST", "/grabaciones/{id}/destruir", "MTE"),
    ("POST", "/grabaciones/{id}/escuchar", "MTE"),
    ("GET", "/grabaciones/{id}/en-vivo", "MTE"),
    ("GET", "/grabaciones/{id}/palabras", "MTE"),
    ("POST", "/grabaciones/{id}/palabras", "MTE"),
    ("POST", "/grabaciones/{id}/palabras/usar", "MTE"),
    ("GET", "/consultas/{id}/{doc}", "MTE"),
    ("POST", "/consultas/{id}/{doc}/plantilla", "MTE"),
    ("POST", "/consultas/{id}/{doc}/estilo", "MTE"),
    ("POST", "/consultas/{id}/{doc}/modelo", "MTE"),
    ("POST", "/consultas/{id}/{doc}/renglon", "MTE"),
    ("POST", "/consultas/{id}/{doc}/renglon/nombres", "MTE"),
    ("GET", "/consultas/{id}/{doc}/receta", "MTE"),
    ("POST", "/consultas/{id}/{doc}/receta/favorito", "MTE"),
    ("POST", "/consultas/{id}/{doc}/receta/renovar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/receta/guardar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/aceptar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/editar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/completar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/descartar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/recuperar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/subir", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/bajar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/codigo", "MTE"),
    ("POST", "/consultas/{id}/{doc}/oraciones/{item}/codigo/quitar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/secciones/{section}/aceptar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/dudas/{n}/agregar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/dudas/{n}/descartar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/alertas", "MTE"),
    ("POST", "/consultas/{id}/{doc}/alertas/reabrir", "MTE"),
    ("POST", "/consultas/{id}/{doc}/embarazo", "MTE"),
    ("GET", "/consultas/{id}/{doc}/borrador.pdf", "MTE"),
    ("GET", "/consultas/{id}/{doc}/receta.pdf", "MTE"),
    ("GET", "/consultas/{id}/{doc}/firmar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/firmar", "M"),
    // A trainee sends only what they wrote themselves, and this consultation is a physician's.
    ("POST", "/consultas/{id}/{doc}/enviar", ""),
    ("POST", "/consultas/{id}/{doc}/devolver", "ME"),
    // A draft is cancelled by who writes it.
    ("POST", "/consultas/{id}/{doc}/cancelar", "M"),
    ("POST", "/consultas/{id}/{doc}/sin-guardar", "MTE"),
    ("POST", "/consultas/{id}/{doc}/sin-guardar/descartar", "MTE"),
];

/// Every method and path that the source of the crate routes.
pub(crate) fn routes() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.extend(routes_of(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found
}

fn routes_of(source: &str) -> Vec<(String, String)> {
    for other in [".nest(", ".route_service(", ".nest_service("] {
        assert!(!source.contains(other), "the list of routes does not read {other}");
    }
    let mut found = Vec::new();
    for rest in source.split(".route(").skip(1) {
        let call = call(rest);
        let Some(path) = call.split('"').nth(1) else { continue };
        let methods =
            [("GET", "get("), ("POST", "post("), ("PUT", "put("), ("DELETE", "delete("), ("ANY", "any(")];
        for (method, word) in methods {
            let own = call.match_indices(word).filter(|(at, _)| {
                !call[..*at].ends_with(|before: char| before.is_ascii_alphanumeric() || before == '_')
            });
            found.extend(own.map(|_| (method.to_owned(), path.to_owned())));
        }
    }
    found
}

/// What stands within the brackets of a call that has just been opened.
fn call(rest: &str) -> &str {
    let mut open = 1_usize;
    for (at, letter) in rest.char_indices() {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return &rest[..at];
        }
    }
    rest
}

#[test]
fn a_route_in_several_lines_is_read() {
    let source = "x.route(\n  \"/a/{id}\",\n  get(page::a).post(page::forget).layer(Limit::max(3)),\n)";
    let route = |method: &str| (method.to_owned(), "/a/{id}".to_owned());
    assert_eq!(routes_of(source), [route("GET"), route("POST")]);
}
