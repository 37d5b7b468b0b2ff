#!/usr/bin/env bash
# package.sh PROGRAMS OUT VERSION SBOM NOTICES: a .deb and an archive of the programs in a folder, the same bytes for the same input.
# SBOM is the list of what they are made of; it lies in OUT and goes along, as do NOTICES, its licences. SOURCE_DATE_EPOCH is the time of everything in them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
programs=$(realpath "$1") version=$3 sbom=$(realpath "$4") notices=$(realpath "$5")
mkdir -p "$2"
out=$(realpath "$2")
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:?the time of everything in the packages, in seconds}
arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

# --- what both hold -------------------------------------------------------------------------------
tree=$work/tree
install -d "$tree/usr/bin" "$tree/usr/lib/systemd/system" "$tree/usr/share/doc/medicus" "$tree/etc/medicus"
for program in medicus medicus-speech medicus-llm; do
  # The process of the language model is in the package of who built it.
  [[ -x $programs/$program ]] || continue
  install -m 755 "$programs/$program" "$tree/usr/bin/$program"
  strip --strip-unneeded "$tree/usr/bin/$program"
done
install -m 644 deploy/*.service deploy/*.timer "$tree/usr/lib/systemd/system/"
install -m 640 deploy/medicus.toml "$tree/etc/medicus/medicus.toml"
cp -r docs/manual "$tree/usr/share/doc/medicus/manual"
# What its pages show and point to.
cp -r docs/pictures docs/security.md "$tree/usr/share/doc/medicus/"
install -m 644 LICENSE "$tree/usr/share/doc/medicus/copyright"
install -m 644 "$notices" "$tree/usr/share/doc/medicus/avisos-de-terceros.txt"
install -m 644 "$sbom" "$tree/usr/share/doc/medicus/medicus.cdx.json"
chmod -R u=rwX,go=rX "$tree/usr"

# --- the archive: the same files, for systems without dpkg ------------------------------------------
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --transform "s,^\.,medicus-$version," --directory "$tree" . | gzip --no-name >"$out/medicus-$version-$arch.tar.gz"

# --- the .deb ---------------------------------------------------------------------------------------
install -d "$tree/DEBIAN" "$work/debian"
install -m 755 deploy/debian/* "$tree/DEBIAN/"
echo /etc/medicus/medicus.toml >"$tree/DEBIAN/conffiles"
# dpkg-shlibdeps reads the name of the package from here.
printf 'Source: medicus\n\nPackage: medicus\nArchitecture: any\n' >"$work/debian/control"
needs=$(cd "$work" && dpkg-shlibdeps -O "$tree"/usr/bin/* 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
cat >"$tree/DEBIAN/control" <<TEXT
Package: medicus
Version: $version
Architecture: $arch
Maintainer: Medicus
Section: misc
Priority: optional
Installed-Size: $(du --apparent-size -sk "$tree" | cut -f1)
Depends: $needs, passwd, util-linux
Suggests: postgresql-client
Description: expediente clínico electrónico que se escribe escuchando
 El expediente que un médico en México lleva por ley (NOM-004-SSA3-2012), cifrado en su propio equipo.
TEXT
find "$tree" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
dpkg-deb --root-owner-group --build "$tree" "$out/medicus_${version}_$arch.deb" >/dev/null
(cd "$out" && sha256sum "medicus_${version}_$arch.deb" "medicus-$version-$arch.tar.gz" "$(basename "$sbom")" >SHA256SUMS)
