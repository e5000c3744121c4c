"""A visit to an address that only takes forms, on the real hosts."""


def test_a_visit_gets_the_page_in_the_marketplaces_look_and_hears_what_is_allowed(alpha_client):
    answer = alpha_client.get("/csp-report/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Not that way" in answer.text
    assert "/theme-" in answer.text


def test_a_program_gets_a_problem_document(alpha_client):
    answer = alpha_client.delete("/api/v1/services")

    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (405, "application/problem+json")
    assert "GET" in answer["Allow"]
    assert answer.json()["code"] == "method_not_allowed"
