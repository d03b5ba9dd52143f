"""Certificates, keys and lists of revoked ones, made by the openssl tool."""

import os
import subprocess

# openssl ca keeps a table of what it has issued, which revocation needs.
CA_CONF = """\
[ca]
default_ca = it
[it]
dir = {folder}
database = $dir/index.txt
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca.key
serial = $dir/serial
crlnumber = $dir/crlnumber
default_md = sha256
default_crl_days = 1
unique_subject = no
copy_extensions = copy
policy = any
[any]
commonName = supplied
"""


class Authority:
    """A root and what it certifies, in a folder of the test."""

    def __init__(self, folder):
        self.folder = folder
        with open(self.path("ca.conf"), "w", encoding="ascii") as conf:
            conf.write(CA_CONF.format(folder=folder))
        for name, text in (("index.txt", ""), ("serial", "1000\n"),
                           ("crlnumber", "1000\n")):
            with open(self.path(name), "w", encoding="ascii") as file:
                file.write(text)
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                      "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-subj", "/CN=test root", "-keyout",
                      self.path("ca.key"), "-out", self.path("ca.pem"))
        self.certificate = self.path("ca.pem")

    def path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, timeout=60,
                       capture_output=True, cwd=self.folder)

    def issue(self, name, common_name, names="DNS:localhost,IP:127.0.0.1",
              dates=("-days", "1")):
        """Writes NAME.pem and NAME.key and returns their paths."""
        certificate, key = self.path(name + ".pem"), self.path(name + ".key")
        request, fresh = self.path("request"), self.path("fresh")
        self._openssl("req", "-newkey", "ec", "-pkeyopt",
                      "ec_paramgen_curve:P-256", "-nodes", "-subj",
                      "/CN=" + common_name, "-addext",
                      "subjectAltName=" + names, "-keyout", fresh + ".key",
                      "-out", request)
        self._openssl("ca", "-batch", "-config", self.path("ca.conf"),
                      "-notext", *dates, "-in", request, "-out",
                      fresh + ".pem")
        os.replace(fresh + ".key", key)
        os.replace(fresh + ".pem", certificate)
        return certificate, key

    def issue_expired(self, name, common_name):
        return self.issue(name, common_name,
                          dates=("-startdate", "20200101000000Z", "-enddate",
                                 "20200102000000Z"))

    def revoke(self, certificate):
        self._openssl("ca", "-config", self.path("ca.conf"), "-revoke",
                      certificate)

    def write_revocations(self):
        fresh, path = self.path("fresh.crl"), self.path("crl.pem")
        self._openssl("ca", "-config", self.path("ca.conf"), "-gencrl",
                      "-out", fresh)
        os.replace(fresh, path)
        return path
