#include "targets/hash.h"

#include <openssl/evp.h>
#include <stdio.h>

enum status hash_text(const void *bytes, size_t size, char hash_out[HASH_TEXT_MAX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    hash_out[0] = 0;
    if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1 || length != 32)
        return STATUS_NO_MEMORY;
    for (unsigned i = 0; i < length; i++)
        snprintf(hash_out + (size_t)2 * i, 3, "%02x", digest[i]);
    return STATUS_OK;
}
