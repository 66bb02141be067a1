// What Swift cannot import from OpenSSL's headers: function-like macros and variadic functions, each under the
// name it has there with a leading `shim_`. Nothing here has logic of its own.
#ifndef PKIGEN_COPENSSL_SHIM_H
#define PKIGEN_COPENSSL_SHIM_H

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/objects.h>
#include <openssl/opensslv.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline EVP_PKEY *shim_EVP_PKEY_Q_keygen_RSA(OSSL_LIB_CTX *library, size_t bits) {
    return EVP_PKEY_Q_keygen(library, NULL, "RSA", bits);
}
static inline EVP_PKEY *shim_EVP_PKEY_Q_keygen_EC(OSSL_LIB_CTX *library, const char *curve) {
    return EVP_PKEY_Q_keygen(library, NULL, "EC", curve);
}

enum { shim_EVP_PKEY_KEYPAIR = EVP_PKEY_KEYPAIR, shim_EVP_PKEY_PUBLIC_KEY = EVP_PKEY_PUBLIC_KEY };

// d2i_X509 for a library context; given one, d2i_X509 itself decodes the extensions too.
static inline X509 *shim_d2i_X509(OSSL_LIB_CTX *library, const unsigned char **in, long length) {
    ASN1_VALUE *certificate = (ASN1_VALUE *)X509_new_ex(library, NULL);
    // It frees the certificate where it fails.
    return certificate ? (X509 *)ASN1_item_d2i(&certificate, in, length, ASN1_ITEM_rptr(X509)) : NULL;
}

static inline long shim_BIO_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
static inline void shim_OPENSSL_free(void *pointer) { OPENSSL_free(pointer); }
static inline void shim_OPENSSL_clear_free(void *pointer, size_t length) {
    OPENSSL_clear_free(pointer, length);
}

static inline GENERAL_NAMES *shim_GENERAL_NAMES_new(void) { return GENERAL_NAMES_new(); }
static inline int shim_sk_GENERAL_NAME_num(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline GENERAL_NAME *shim_sk_GENERAL_NAME_value(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}
static inline int shim_sk_GENERAL_NAME_push(GENERAL_NAMES *names, GENERAL_NAME *name) {
    return sk_GENERAL_NAME_push(names, name);
}

static inline int shim_sk_ASN1_OBJECT_num(const STACK_OF(ASN1_OBJECT) *objects) {
    return sk_ASN1_OBJECT_num(objects);
}
static inline ASN1_OBJECT *shim_sk_ASN1_OBJECT_value(const STACK_OF(ASN1_OBJECT) *objects, int index) {
    return sk_ASN1_OBJECT_value(objects, index);
}
static inline int shim_sk_ASN1_OBJECT_push(STACK_OF(ASN1_OBJECT) *objects, ASN1_OBJECT *object) {
    return sk_ASN1_OBJECT_push(objects, object);
}

static inline STACK_OF(X509_EXTENSION) *shim_sk_X509_EXTENSION_new(void) {
    return sk_X509_EXTENSION_new_null();
}
static inline int shim_sk_X509_EXTENSION_num(const STACK_OF(X509_EXTENSION) *extensions) {
    return sk_X509_EXTENSION_num(extensions);
}
static inline X509_EXTENSION *shim_sk_X509_EXTENSION_value(const STACK_OF(X509_EXTENSION) *extensions,
                                                           int index) {
    return sk_X509_EXTENSION_value(extensions, index);
}
static inline int shim_sk_X509_EXTENSION_push(STACK_OF(X509_EXTENSION) *extensions,
                                              X509_EXTENSION *extension) {
    return sk_X509_EXTENSION_push(extensions, extension);
}
static inline void shim_sk_X509_EXTENSION_pop_free(STACK_OF(X509_EXTENSION) *extensions) {
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

static inline STACK_OF(X509) *shim_sk_X509_new(void) { return sk_X509_new_null(); }
static inline int shim_sk_X509_push(STACK_OF(X509) *certificates, X509 *certificate) {
    return sk_X509_push(certificates, certificate);
}
static inline void shim_sk_PKCS12_SAFEBAG_pop_free(STACK_OF(PKCS12_SAFEBAG) *bags) {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
static inline void shim_sk_PKCS7_pop_free(STACK_OF(PKCS7) *safes) { sk_PKCS7_pop_free(safes, PKCS7_free); }
// OpenSSL 3.0 returns the attributes of a bag only for reading, and has no function that adds one of its own.
static inline int shim_PKCS12_SAFEBAG_push_attribute(const PKCS12_SAFEBAG *bag, X509_ATTRIBUTE *attribute) {
    return sk_X509_ATTRIBUTE_push((STACK_OF(X509_ATTRIBUTE) *)PKCS12_SAFEBAG_get0_attrs(bag), attribute);
}

static inline int shim_sk_X509_num(const STACK_OF(X509) *certificates) { return sk_X509_num(certificates); }
static inline X509 *shim_sk_X509_value(const STACK_OF(X509) *certificates, int index) {
    return sk_X509_value(certificates, index);
}
static inline void shim_sk_X509_pop_free(STACK_OF(X509) *certificates) {
    sk_X509_pop_free(certificates, X509_free);
}
static inline void shim_sk_X509_free(STACK_OF(X509) *certificates) { sk_X509_free(certificates); }

#endif
