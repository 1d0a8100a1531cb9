/* The raw limit of a batch: one maker of Avellaneda and Stoikov (2008) in continuous time, with
   no book, no rule, no account, no tape and no ticks.  Market orders of either side come as two
   Poisson processes merged, the mid moves exactly to each, and each reaches Exp/k - d0 from it.

   Random numbers: xoshiro256++ (Blackman and Vigna, 2021), and ziggurats of 256 layers
   (Marsaglia and Tsang, 2000), whose tables are made at the start. */

#include <math.h>
#include <stdint.h>

enum { LAYERS = 256 };
#define UNIT 0x1p-53
#define NORMAL_END 3.6541528853610088      /* where the tail begins, and the area of a layer */
#define NORMAL_AREA 0.00492867323399
#define EXPONENTIAL_END 7.69711747013104972
#define EXPONENTIAL_AREA 0.0039496598225815571993

typedef struct { double edge[LAYERS + 1], height[LAYERS + 1]; } Ziggurat;
static Ziggurat normals, exponentials;
typedef struct { uint64_t a, b, c, d; } Random; /* of one function: it stays in registers */

static inline uint64_t turned(uint64_t x, int by) { return x << by | x >> (64 - by); }

static inline uint64_t bits(Random *r)
{
    uint64_t found = turned(r->a + r->d, 23) + r->a, t = r->b << 17;
    r->c ^= r->a, r->d ^= r->b, r->b ^= r->c, r->a ^= r->d;
    r->c ^= t, r->d = turned(r->d, 45);
    return found;
}

/* In (0, 1): a logarithm is taken of it. */
static inline double uniform(Random *r) { return ((bits(r) >> 12) + 0.5) * 2 * UNIT; }

static double bell(double x) { return exp(-0.5 * x * x); }
static double bell_at(double height) { return sqrt(-2 * log(height)); }
static double decay(double x) { return exp(-x); }
static double decay_at(double height) { return -log(height); }

/* Layer 0 is the lowest: a box as wide as its area asks for, the tail in place of what is past
   the end. */
static void build(Ziggurat *z, double end, double area, double f(double), double at(double))
{
    z->edge[0] = area / f(end), z->edge[1] = end;
    z->height[0] = 0, z->height[1] = f(end);
    for (int i = 1; i < LAYERS - 1; i++) {
        z->height[i + 1] = z->height[i] + area / z->edge[i];
        z->edge[i + 1] = at(z->height[i + 1]);
    }
    z->edge[LAYERS] = 0, z->height[LAYERS] = 1;
}

static int under(const Ziggurat *z, int layer, double x, double u, double f(double))
{
    double low = z->height[layer], high = z->height[layer + 1];
    return low + u * (high - low) < f(x);
}

static inline double normal_tail(Random *r)
{
    double x, y;
    do x = -log(uniform(r)) / NORMAL_END, y = -log(uniform(r)); while (y + y < x * x);
    return NORMAL_END + x;
}

static inline double normal(Random *r)
{
    for (;;) {
        uint64_t drawn = bits(r);
        int layer = drawn & (LAYERS - 1);
        double x = (double)((int64_t)drawn >> 10) * UNIT * normals.edge[layer]; /* of either sign */
        if (fabs(x) < normals.edge[layer + 1]) return x;
        if (!layer) return x < 0 ? -normal_tail(r) : normal_tail(r);
        if (under(&normals, layer, x, uniform(r), bell)) return x;
    }
}

static inline double exponential(Random *r)
{
    for (double past = 0;; ) {
        uint64_t drawn = bits(r);
        int layer = drawn & (LAYERS - 1);
        double x = (double)(int64_t)(drawn >> 11) * UNIT * exponentials.edge[layer];
        if (x < exponentials.edge[layer + 1]) return past + x;
        if (!layer) past += EXPONENTIAL_END; /* the tail is the whole again */
        else if (under(&exponentials, layer, x, uniform(r), decay)) return past + x;
    }
}

static Random seeded(uint64_t from)
{
    uint64_t word[4];
    for (int i = 0; i < 4; i++) { /* splitmix64 */
        uint64_t x = from += 0x9e3779b97f4a7c15;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9, x = (x ^ x >> 27) * 0x94d049bb133111eb;
        word[i] = x ^ x >> 31;
    }
    build(&normals, NORMAL_END, NORMAL_AREA, bell, bell_at);
    build(&exponentials, EXPONENTIAL_END, EXPONENTIAL_AREA, decay, decay_at);
    return (Random){word[0], word[1], word[2], word[3]};
}

/* a or b without a jump: one that nobody can foretell costs more than all arithmetic here. */
static inline double chosen(int is_a, double a, double b)
{
    union { double x; uint64_t u; } one = {a}, other = {b};
    uint64_t mask = -(uint64_t)is_a;
    one.u = (one.u & mask) | (other.u & ~mask);
    return one.x;
}

/* Plays `paths` days of T seconds and returns how many market orders came.  `sums` is of the
   profits and of their squares. */
int64_t maker(double gamma, double sigma, double k, double A, double d0, double T, uint64_t from,
              int64_t paths, double *sums)
{
    double level = log1p(gamma / k) / gamma, lean = gamma * sigma * sigma;
    double mean_gap = exp(-k * d0) / A, mean_reach = 1 / k, total = 0, squares = 0;
    int64_t orders = 0;
    Random r = seeded(from);
    for (int64_t path = 0; path < paths; path++) {
        double mid = 0, now = 0, cash = 0, lots = 0; /* a maker without lots sees moves alone */
        double first = exponential(&r) * mean_gap, second = exponential(&r) * mean_gap;
        double side = first < second ? 1 : -1; /* of the first; 1 buys */
        if (second < first) { double t = first; first = second, second = t; }
        while (first < T) {
            mid += sigma * sqrt(first - now) * normal(&r);
            now = first;
            double depth = level + (0.5 - side * lots) * lean * (T - now);
            double filled = chosen(exponential(&r) * mean_reach - d0 >= depth, side, 0);
            lots -= filled;
            cash += filled * (mid + side * depth);
            orders++;
            double next = now + exponential(&r) * mean_gap; /* of the same side */
            int same = next < second;
            side = chosen(same, side, -side);
            first = chosen(same, next, second), second = chosen(same, second, next);
        }
        mid += sigma * sqrt(T - now) * normal(&r);
        double profit = cash + lots * mid;
        total += profit, squares += profit * profit;
    }
    sums[0] = total, sums[1] = squares;
    return orders;
}
