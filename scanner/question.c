#include "scanner/question.h"

#include "scanner/clock.h"

static enum status hand_over(struct ways *ways, struct address address, size_t *sent, bool *taken_out)
{
    uint8_t bytes[NEIGHBOUR_FRAME_MAX];
    struct device_frame frame = {.bytes = bytes};
    struct device *device;
    size_t taken = 0;
    if (!ways_question(ways, address, bytes, &frame.size, &device))
        return STATUS_OK;
    enum status status = device_send(device, &frame, 1, &taken);
    *sent += taken;
    *taken_out = taken == 1;
    return status;
}

/* One target's; *taken_out is false when the device has no room. */
static enum status ask(struct ways *ways, const struct wire_settings *settings, bool *refused, uint64_t step,
                       size_t *sent, bool *taken_out)
{
    const struct permits *permits;
    struct permits_request request;
    size_t place;
    plan_draw(settings->plan, PLAN_SWEPT, step, &request.address, &request.port);
    *refused |= authorization_permits(settings->authorization, &request, 1, clock_epoch_ms() / 1000, &permits,
                                      &place) != REFUSAL_NONE;
    *taken_out = true;
    return *refused ? STATUS_UNAUTHORIZED : hand_over(ways, permits_address(permits, 0), sent, taken_out);
}

enum status questions_send(struct ways *ways, const struct wire_settings *settings, bool *refused,
                           struct wire_span span, struct wire_sent *sent_out)
{
    enum status status = *refused ? STATUS_UNAUTHORIZED : STATUS_OK;
    bool taken = true;
    size_t frames = 0;
    *sent_out = (struct wire_sent){0, 0};
    while (sent_out->steps < span.count && status == STATUS_OK && taken) {
        status = ask(ways, settings, refused, span.first + sent_out->steps, &frames, &taken);
        sent_out->steps += status == STATUS_OK && taken;
    }
    sent_out->frames = (uint32_t)frames;
    return status;
}
