"""How people name the columns of a promise table: English, Portuguese, Russian, Romanian, Kazakh.

A phrase is written as a person would head the column; `overdeliver.tables.words.words` strips case,
accents and punctuation from both sides. One list serves ``promised_at`` and ``promised`` (and one
``delivered_at`` and ``actual``): whether the column holds moments or numbers tells them apart.
"""

from collections.abc import Mapping

_PROMISE = """
promised; promised at; promised date; promised delivery date; promise date; promise
promised by; promised time; promised for
due; due at; due date; due on; due by; sla due; sla due at; sla deadline; deadline; eta
expected; expected at; expected by
expected date; expected delivery; expected delivery date; expected arrival; estimated delivery
estimated delivery date
estimated delivery time; estimated arrival; estimated time of arrival; estimated date
estimated; scheduled
scheduled at; scheduled date; scheduled arrival; scheduled delivery; scheduled delivery date
planned; planned date; planned end
planned delivery date; planned end date; end date planned; enddate planned; planned finish
target date; target; commit date
committed date; requested delivery date; need by date; quoted; quoted date; quoted time
quoted lead time; deliver by; delivery by
data prometida; data prevista; data estimada; prometido; prometida; prometido para; previsto
prevista; previsao
previsao de entrega; prazo; prazo de entrega; prazo prometido; prazo previsto; data limite
data de entrega prevista
data de entrega prometida; data de entrega estimada; data prevista de entrega
entrega prevista; entrega estimada; vencimento
tempo prometido; tempo estimado; dias prometidos; dias previstos; horas previstas
estimativa de entrega
обещано; обещанная дата; обещанный срок; дата обещания; обещали; срок; срок доставки
срок исполнения; плановая дата
плановая дата доставки; дата доставки план; дата доставки плановая; план; плановый срок
планируемая дата
планируемая дата доставки; ожидаемая дата; ожидаемая дата доставки; ожидается; дедлайн
крайний срок; доставить до; план дней
обещано дней; срок дней; плановое время; время план; план часов
promis; promisa; data promisa; termen; termen promis; termen de livrare; termen limita
data limita; data estimata
data estimata a livrarii; data estimata de livrare; livrare estimata; data livrarii estimata
data livrarii plan
data planificata; livrare planificata; scadenta; timp promis; zile promise; timp estimat
promis pentru; data promisa de livrare
уәде; уәде етілген; уәде етілген күн; уәде етілген күні; уәде етілген мерзім; мерзім; мерзімі
жеткізу мерзімі; соңғы мерзім
жоспар; жоспарланған; жоспарланған күн; жоспарланған күні; жеткізудің жоспарланған күні
күтілетін күні; жоспарлы күні
жоспарлы мерзім; уәде етілген уақыт; уәде күн; тапсыру мерзімі; межелі күн
"""

_ESTIMATE = """
estimate; estimated cost; estimated price; estimated amount; estimated hours; hours estimate
cost estimate; quote; quoted price
quoted cost; quoted amount; quotation; budget; budgeted; budgeted hours; planned hours
planned cost; planned effort; estimated effort
effort estimate; story points estimate; original estimate; price quoted
orcamento; orcado; valor orcado; custo estimado; custo previsto; valor estimado
preco estimado; preco orcado; horas estimadas; cotacao
смета; сметная стоимость; по смете; бюджет; плановая стоимость; оценка стоимости; оценка часов
план стоимость; плановые часы
deviz; buget; cost estimat; pret estimat; suma estimata; ore estimate; cost planificat
ore planificate
смета; бюджет; жоспарланған құны; болжамды құны; жоспарлы құны; болжамды бағасы
жоспарланған сағат
"""

_OUTCOME = """
delivered; delivered at; delivered on; delivered date; delivered time; date delivered
delivery date; delivery time; delivered customer
order delivered customer date; actual delivery; actual delivery date; actual delivery time
actual arrival; actual date
actual end; actual end date; arrived; arrived at; arrival; arrival date; arrival time
received at; received on; received date
completed; completed at; completed on; completion; completion date; completed date; finished
finished at; finished on
finish date; end date; enddate; ended at; end; closed at; closed on; closed date; closed
resolved; resolved at; resolution date
done at; done; fulfilled; fulfilled at; ready at; returned to customer
entregue; entregue em; data entrega; data da entrega; data de entrega; entrega; entrega real
data de entrega real; data real
data entregue; data real de entrega; data conclusao; data de conclusao; concluido
concluido em; finalizado em
recebido em; data de recebimento; data fim; data fechamento; encerrado em
доставлено; доставлен; дата доставки; дата доставки факт; фактическая дата
фактическая дата доставки; дата вручения; вручено
факт; дата факт; получено; дата получения; выполнено; дата выполнения; завершено
дата завершения; закрыт; дата закрытия
окончание; дата окончания; готово; дата исполнения; исполнено
livrat; livrata; livrat la; data livrarii; data livrare; data de livrare; livrare
livrare efectiva; data efectiva
data livrarii efectiva; data livrarii reala; data receptiei; primit la; finalizat
finalizat la; data finalizarii; data inchiderii
incheiat; terminat la
жеткізілді; жеткізілген; жеткізілген күні; жеткізілген күн; жеткізу күні; жеткізілген уақыты
нақты күні; нақты жеткізу күні
алынды; алынған күні; аяқталды; аяқталған күні; орындалды; орындалған күні; тапсырылған күні
жабылған күні; нақты
"""

_ACTUAL = """
actual; actual time; actual duration; actual hours; hours actual; actual minutes; actual days
actual cost; actual price
actual amount; actual effort; spent; time spent; hours spent; time taken; taken; duration
lead time; cycle time; delivery time
turnaround; turnaround time; elapsed; elapsed time; took; effort; billed; billed amount
charged; invoiced; final cost; final price
delivery duration; wait; waiting time; transit time; delivery days
realizado; tempo real; tempo gasto; tempo de entrega; duracao; horas gastas; horas reais
custo real; valor real; custo final
valor cobrado; valor final; preco final; dias reais; prazo real
факт; фактически; фактическое время; факт дней; факт часов; факт стоимость
фактическая стоимость; затрачено; затраченное время
потрачено; длительность; время доставки; время выполнения; итоговая стоимость
фактические часы; фактический срок; срок факт
realizat; timp real; timp efectiv; durata; durata reala; ore efective; ore lucrate; cost real
cost efectiv; cost final; pret final
timp de livrare; zile reale; suma facturata
нақты; нақты уақыт; нақты уақыты; жұмсалған уақыт; ұзақтығы; нақты құны; нақты бағасы
жеткізу уақыты; нақты сағат; нақты мерзім
"""

#: Field -> phrases, separated by ";" or line ends. A file heads its columns in one language.
PHRASES: Mapping[str, str] = {
    "order_id": """
order id; order number; order no; order nr; order ref; order reference; order; task number
task id; case id; case number; ticket id
ticket number; ticket; booking id; booking number; booking reference; job id; job number
invoice number; request id; shipment id
case concept name; issue key; issue id; work order; reservation id; trip id; ride id
appointment id; id
pedido; numero do pedido; numero pedido; id pedido; id do pedido; codigo do pedido; nr pedido
ordem de servico; chamado
заказ; номер заказа; id заказа; код заказа; заказ номер; номер заявки; номер; заявка; наряд
comanda; numar comanda; nr comanda; id comanda; numarul comenzii; cod comanda; bon; fisa
тапсырыс; тапсырыс нөмірі; тапсырыс коды; тапсырыс id; өтінім нөмірі; нөмірі
""",
    "customer_id": """
customer id; customer unique id; customer number; customer no; client id; client number
user id; member id; account id; buyer id
patient id; customer; client; customer email; cliente; id cliente; id do cliente
codigo do cliente; клиент; id клиента
код клиента; номер клиента; покупатель; id client; cod client; numar client; тұтынушы
клиент коды; тапсырыс беруші; сатып алушы; клиент id
""",
    "segment": """
segment; customer segment; customer type; customer group; tier; segmento; tipo de cliente
сегмент; тип клиента; группа клиентов
segment client; tip client; сегменті; клиент түрі
""",
    "channel": """
channel; sales channel; order channel; source channel; canal; canal de venda; canal de vendas
канал; канал продаж; canal de vanzare
canal vanzari; арна; сату арнасы; case channel
""",
    "amount": """
amount; order amount; total; order total; order value; total price; total amount; grand total
revenue; price; payment value
valor; valor total; valor do pedido; total do pedido; preco; preco total; сумма; сумма заказа
итого; стоимость; цена
suma; suma totala; valoare; valoare comanda; pret; pret total; сома; сомасы; жалпы сома
тапсырыс сомасы; бағасы; құны; баға
""",
    "currency": """
currency; currency code; moeda; валюта; код валюты; moneda; valuta; cod valuta
валютасы; валюта коды
""",
    "placed_at": """
placed at; ordered at; order date; order time; order datetime; date ordered; ordered
ordered on; order placed at; order created at
created at; created; created on; created date; date created; creation date; purchase date
purchased at; purchase timestamp
order purchase timestamp; booked at; booking date; opened at; opened; open date; start date
startdate; started at; start
request date; requested at; received order; order timestamp; departure; scheduled departure
departure time; pickup; picked up at; registered; raised at; date; timestamp; pickup request
data pedido; data do pedido; data da compra; data compra; pedido em; criado em
data de criacao; data de abertura; aberto em
data inicio; data de inicio; comprado em; data
дата заказа; дата создания; создан; создано; заказано; дата оформления; оформлен; дата заявки
дата открытия; дата начала; дата
время заказа; дата покупки; дата приема; принято
data comenzii; data comanda; comandat la; plasata la; data plasarii; creat la; data crearii
data deschiderii; data inceperii
data primirii comenzii; data cererii
тапсырыс күні; тапсырыс берілген күні; тапсырыс уақыты; құрылған күні; басталған күні
ашылған күні; сатып алған күні
күні; өтінім күні; қабылданған күні
""",
    "made_at": """
made at; promise made at; promise made; promised on; promise created at; promised at time
quote date; quoted on; quoted at
estimate on; estimate date; estimated on; estimated at; offer date; contract date
data da promessa; prometido em; data do orcamento; orcado em; data da proposta; дата обещания
обещано когда; дата оценки
дата сметы; дата договора; data promisiunii; promis la; data ofertei; data devizului
data estimarii; уәде берілген күн
уәде берілген күні; келісім күні
""",
    "promised_at": _PROMISE,
    "promised": _PROMISE + _ESTIMATE,
    "delivered_at": _OUTCOME,
    "actual": _ACTUAL,
    "booked_class": """
booked class; class booked; service class booked; ordered class; booked service; booked level
class ordered; classe reservada
classe contratada; servico contratado; забронированный класс; класс заказан; заказанный класс
clasa rezervata; clasa comandata
брондалған класс; тапсырыс класы
""",
    "delivered_class": """
delivered class; class delivered; flown class; service class delivered; class received
received class; actual class
classe entregue; classe recebida; servico entregue; полученный класс; предоставленный класс
фактический класс; clasa livrata
clasa primita; clasa oferita; берілген класс; нақты класс
""",
    "cancelled_at": """
cancelled at; canceled at; cancelled; canceled; cancelled on; canceled on; cancel date
cancellation date; cancelled date
cancelado em; cancelado; data de cancelamento; data cancelamento; отменен; отменено
дата отмены; anulat; anulata; anulat la
data anularii; бас тартылған күні; болдырылмаған күні; жойылған күні; бас тартылды
""",
    "score": """
score; rating; review score; stars; csat; nps; satisfaction; satisfaction score
customer rating; feedback score; customer score
nota; avaliacao; nota do cliente; nota da avaliacao; estrelas; satisfacao; оценка
оценка клиента; рейтинг; балл; звезды
удовлетворенность; nota client; evaluare; recenzie nota; stele; scor; satisfactie; бағасы
баға; бағалау; рейтингі; ұпай; клиент бағасы
""",
    "text": """
text; comment; comments; review; review text; review comment message; feedback; feedback text
message; remarks; customer comment
comentario; comentarios; mensagem; avaliacao texto; observacao; opiniao; комментарий; отзыв
текст отзыва; сообщение; примечание
comentariu; recenzie; mesaj; parere; observatii; пікір; пікірі; түсініктеме; пікір мәтіні
хабарлама
""",
}
