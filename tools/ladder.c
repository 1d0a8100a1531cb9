/* The raw limit of a compiled book: the ladder that everyone writes in C.  It checks nothing
   that a command says and tells of trades alone.  Prices from 0 to below LEVELS, ids from 0. */

#include <stdint.h>
#include <stdlib.h>

enum { LEVELS = 1 << 16 };
enum { LIMIT = 0, MARKET = 4, CANCEL = 5, REPLACE = 6 };

typedef struct { uint8_t kind; int8_t side; int16_t account; int32_t pad; int64_t id, price, size; } Command;
typedef struct { int64_t maker, taker, price, size; } Trade;
typedef struct { int64_t open; int32_t next, prev, price, side; } Order;
typedef struct { int32_t first, last; } Level; /* orders are numbered from 1; 0 is none */

static Order *orders;
static Level *levels[2];
static int32_t best[2]; /* of sellers, of buyers */
static Trade *trades;
static int64_t told;

static void take_out(int32_t order)
{
    Order *it = &orders[order];
    int buys = it->side > 0;
    Level *level = &levels[buys][it->price];
    if (it->prev) orders[it->prev].next = it->next; else level->first = it->next;
    if (it->next) orders[it->next].prev = it->prev; else level->last = it->prev;
    it->open = 0;
    if (!level->first && best[buys] == it->price) {
        int32_t price = it->price;
        if (buys) while (price >= 0 && !levels[1][price].first) price--;
        else while (price < LEVELS && !levels[0][price].first) price++;
        best[buys] = price;
    }
}

static int64_t match(int32_t taker, int side, int32_t limit, int64_t size)
{
    int buys = side < 0; /* the makers */
    while (size && side * best[buys] <= side * limit && best[buys] >= 0 && best[buys] < LEVELS) {
        int32_t maker = levels[buys][best[buys]].first;
        Order *it = &orders[maker];
        int64_t traded = it->open < size ? it->open : size;
        trades[told++] = (Trade){maker - 1, taker - 1, it->price, traded};
        size -= traded;
        if (traded == it->open) take_out(maker); else it->open -= traded;
    }
    return size;
}

static void place(int32_t order, int side, int32_t price, int64_t size)
{
    size = match(order, side, price, size);
    if (!size) return;
    int buys = side > 0;
    Level *level = &levels[buys][price];
    orders[order] = (Order){size, 0, level->last, price, side};
    if (level->last) orders[level->last].next = order; else level->first = order;
    level->last = order;
    if (side * price > side * best[buys]) best[buys] = price;
}

/* Returns the number of trades; -1 without memory. */
int64_t ladder(const Command *commands, int64_t count)
{
    orders = calloc(count + 1, sizeof(Order));
    levels[0] = calloc(LEVELS, sizeof(Level));
    levels[1] = calloc(LEVELS, sizeof(Level));
    trades = malloc(2 * count * sizeof(Trade));
    if (!orders || !levels[0] || !levels[1] || !trades) return -1;
    best[0] = LEVELS, best[1] = -1, told = 0;
    for (int64_t i = 0; i < count; i++) {
        const Command *it = &commands[i];
        int32_t order = it->id + 1, price = it->price;
        switch (it->kind) {
        case LIMIT: place(order, it->side, price, it->size); break;
        case MARKET: match(order, it->side, it->side > 0 ? LEVELS : -1, it->size); break;
        case CANCEL: if (orders[order].open) take_out(order); break;
        case REPLACE:
            if (orders[order].open) {
                Order *old = &orders[order];
                int side = old->side;
                if (price == old->price && it->size <= old->open) {
                    old->open = it->size;
                    break;
                }
                take_out(order);
                place(order, side, price, it->size);
            }
        }
    }
    free(orders), free(levels[0]), free(levels[1]), free(trades);
    return told;
}
