"""pyHanko with the certificates of SAT, whose attribute 2.5.4.45 is text and no bit string."""
from asn1crypto import x509

x509.NameTypeAndValue._oid_specs["unique_identifier"] = x509.DirectoryString

from pyhanko.cli import launch  # noqa: E402

launch()
