#include "targets/signing_key.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#define PUBLIC_SIZE 32
#define FILE_MAX    16384

void signing_key_deinit(struct signing_key *key)
{
    EVP_PKEY_free(key->pair);
    *key = (struct signing_key){0};
}

static enum status set_id(struct signing_key *key)
{
    unsigned char public[PUBLIC_SIZE];
    size_t size = sizeof public;
    if (EVP_PKEY_get_raw_public_key(key->pair, public, &size) != 1 || size != sizeof public)
        return STATUS_NO_MEMORY;
    return hash_text(public, size, key->id);
}

enum status signing_key_make(struct signing_key *key)
{
    *key = (struct signing_key){.pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), .is_private = true};
    enum status status = key->pair ? set_id(key) : STATUS_NO_MEMORY;
    if (status != STATUS_OK)
        signing_key_deinit(key);
    return status;
}

/* The bytes of a small file. */
static BIO *load(const char *path)
{
    char bytes[FILE_MAX];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = 0, got = 0;
    BIO *bio = NULL;
    if (file < 0)
        return NULL;
    while (size < FILE_MAX && (got = read(file, bytes + size, (size_t)(FILE_MAX - size))) > 0)
        size += got;
    if (got >= 0 && size < FILE_MAX && (bio = BIO_new(BIO_s_secmem())))
        BIO_write(bio, bytes, (int)size);
    else if (got >= 0)
        errno = EFBIG;
    int error = errno;
    OPENSSL_cleanse(bytes, sizeof bytes);
    close(file);
    errno = error;
    return bio;
}

const char *signing_key_read(struct signing_key *key, const char *path, bool is_private)
{
    *key = (struct signing_key){.is_private = is_private};
    BIO *bio = load(path);
    if (!bio)
        return strerror(errno);
    key->pair = is_private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
                           : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIO_free(bio);
    ERR_clear_error();
    const char *why = NULL;
    if (!key->pair)
        why = is_private
                  ? "holds no private key in PEM; `auscult scope keygen NAME` makes one, NAME.key"
                  : "holds no public key in PEM; name the one that `auscult scope keygen` wrote, NAME.pub";
    else if (EVP_PKEY_get_id(key->pair) != EVP_PKEY_ED25519)
        why = "holds a key of another kind; want Ed25519";
    else if (set_id(key) != STATUS_OK)
        why = "out of memory";
    if (why)
        signing_key_deinit(key);
    return why;
}

static bool write_all(int file, const char *bytes, long size)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, (size_t)size);
        if (done <= 0)
            return false;
        bytes += done;
        size -= done;
    }
    return fsync(file) == 0;
}

static enum status keep(const char *path, const char *bytes, long size, bool is_private)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, is_private ? 0600 : 0644);
    if (file < 0)
        return STATUS_SYSTEM;
    bool good = write_all(file, bytes, size);
    int error = errno;
    good = close(file) == 0 && good;
    if (good)
        return STATUS_OK;
    unlink(path);
    errno = error;
    return STATUS_SYSTEM;
}

enum status signing_key_write(const struct signing_key *key, const char *path, bool is_private)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    int written = !bio         ? 0
                  : is_private ? PEM_write_bio_PrivateKey(bio, key->pair, NULL, NULL, 0, NULL, NULL)
                               : PEM_write_bio_PUBKEY(bio, key->pair);
    char *bytes = NULL;
    long size = written == 1 ? BIO_get_mem_data(bio, &bytes) : 0;
    enum status status = size > 0 ? keep(path, bytes, size, is_private) : STATUS_NO_MEMORY;
    int error = errno;
    BIO_free(bio);
    errno = error;
    return status;
}
